/** This machine as one that commands run on, without SSH. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {UsageError} from '../errors.ts';
import {HostUnreachable} from './failures.ts';
import type {Channel, Exit, Transport} from './transport.ts';

/** Runs commands with `sh` under the user that ftask runs as. Its `close` leaves alone what is under way. */
export function localTransport(): Transport {
  return {name: 'this machine', open, close: async () => {}};
}

const open: Transport['open'] = async (commandLine, {pty, signal} = {}) => {
  signal?.throwIfAborted();
  if (pty) {
    throw new UsageError('NoTerminal', 'this machine gives no terminal to commands', {
      hint: 'leave out pty, or reach it over SSH as localhost',
    });
  }
  // A session of its own, as sshd makes one, so that all that the command starts can be found and ended.
  const child = spawn('sh', ['-c', commandLine], {detached: true, stdio: 'pipe'});
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once('close', (code, name) =>
      resolve({code, signal: name === null ? null : name.replace(/^SIG/, '')}),
    );
    child.once('error', reject);
  });
  exit.catch(() => {});
  await once(child, 'spawn').catch((cause: Error) => {
    throw new HostUnreachable(`this machine starts no shell: ${cause.message}`, {cause});
  });
  const {stdin, stdout, stderr} = child;
  const abandon = (): void => {
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
  };
  return {stdin, stdout, stderr, exit, resize: () => {}, abandon} satisfies Channel;
};
