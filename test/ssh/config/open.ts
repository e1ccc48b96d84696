/** A configuration as this machine's user would read it. */
import {hostname, userInfo} from 'node:os';
import {openSshConfig, type SshConfig, type SshConfigOptions} from '../../../src/ssh/config/ssh-config.ts';

/** Opens a configuration; what a test does not say is as it is here. */
export function sshConfig(options: Partial<SshConfigOptions>): Promise<SshConfig> {
  const {username, homedir, uid} = userInfo();
  return openSshConfig({
    homeDir: homedir,
    localUser: username,
    localHost: hostname(),
    uid,
    env: process.env,
    ...options,
  });
}
