/** Hosts over SSH whose user may use sudo, and a link to them that can be cut. */
import {connect, createServer, type Socket} from 'node:net';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import type {Host} from '../../../src/host/host.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {configOf, poolOf} from '../../ssh/pools.ts';
import {startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {makeUser, type TestUser} from '../../ssh/users.ts';

export interface SshHosts {
  readonly sshd: TestSshd;
  readonly user: TestUser;
  /** A new connection. `signal` is that of the run. */
  host(signal?: AbortSignal): Promise<Host>;
  /** A new connection over a link that loses all packets, in both directions, once it is cut. */
  hostBehindLink(): Promise<{host: Host; cut(): void}>;
}

/** Starts the server, until the end of the test file. */
export async function sshHosts(sudoers = 'ALL=(ALL) NOPASSWD: ALL'): Promise<SshHosts> {
  const sshd = await startSshd();
  const user = await makeUser({sudoers});
  const over = async (lines: string[], signal = new AbortController().signal): Promise<Host> => {
    const server = {server: sshd, address: '127.0.0.1', lines: [`User ${user.name}`, ...lines]};
    const pool = await poolOf(await configOf({web1: server}));
    return shellHost('web1', pool.to('web1'), {signal, timeoutMs: 60_000, graceMs: 500});
  };
  return {
    sshd,
    user,
    host: (signal) => over([], signal),
    hostBehindLink: async () => {
      const link = await openLink(sshd.port);
      return {host: await over([`Port ${link.port}`]), cut: link.cut};
    },
  };
}

async function openLink(port: number): Promise<{port: number; cut(): void}> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect({port, host: '127.0.0.1', noDelay: true});
    near.pipe(far).on('error', () => {});
    far.pipe(near).on('error', () => {});
    sockets.push(near, far);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}
