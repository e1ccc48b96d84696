/** Hosts over SSH to a server of the test's own on this machine. */
import {after} from 'node:test';
import type {HostSettings} from '../../src/host/exec/host-settings.ts';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import type {Host} from '../../src/host/host.ts';
import type {Transport} from '../../src/host/transport.ts';
import {Secret} from '../../src/secret.ts';
import {openSsh} from '../../src/ssh/open-ssh.ts';
import {startSshd} from '../ssh/sshd.ts';

export interface OverSsh {
  transport(user: string): Promise<Transport>;
  /** The password is that of sudo; none when undefined. */
  host(user: string, password?: string, settings?: Partial<HostSettings>): Promise<Host>;
}

/** Starts the server, for the suite that calls it. */
export async function overSsh(): Promise<OverSsh> {
  const sshd = await startSshd();
  const ssh = openSsh({
    homeDir: sshd.folder,
    env: {},
    configFile: await sshd.clientConfig({web1: '127.0.0.1'}),
    acceptNewHostKeys: false,
    transport: 'ssh2',
    ask: () => Promise.reject(new Error('nobody is asked')),
    note: () => {},
  });
  after(() => ssh.close());
  const transport: OverSsh['transport'] = (user) => ssh.transport(`${user}@web1`);
  return {
    transport,
    host: async (user, password, settings = {}) =>
      shellHost('web1', await transport(user), {
        signal: new AbortController().signal,
        timeoutMs: 30_000,
        graceMs: 500,
        sudoPassword: async () => (password === undefined ? undefined : new Secret(password)),
        ...settings,
      }),
  };
}
