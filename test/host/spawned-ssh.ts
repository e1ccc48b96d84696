/** A transport of the test's own over the system's ssh: every command is a process of it. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Exit, Transport} from '../../src/host/transport.ts';

/** Commands run as `user@host` of an ssh_config file. */
export function spawnedSsh(configFile: string, host: string, user = 'root'): Transport {
  return {
    name: `ssh ${user}@${host}`,
    open: async (commandLine, {pty} = {}) => {
      const options = [
        '-F',
        configFile,
        '-o',
        'LogLevel=ERROR',
        '-o',
        'BatchMode=yes',
        ...(pty ? ['-tt'] : []),
      ];
      const child = spawn('ssh', [...options, '-l', user, host, '--', commandLine], {stdio: 'pipe'});
      await once(child, 'spawn');
      const exit = once(child, 'close').then(([code, signal]): Exit => ({code, signal}));
      const {stdin, stdout, stderr} = child;
      return {stdin, stdout, stderr, exit, resize: () => {}, abandon: () => void child.kill()};
    },
    close: async () => {},
  };
}
