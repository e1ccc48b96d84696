/** A program that reaches the host for us (ProxyCommand): its two ends as a socket. */
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {Duplex} from 'node:stream';
import type {FtaskError} from '../../errors.ts';
import {HostUnreachable} from '../../host/failures.ts';

const KEPT_CHARACTERS = 2000;

export interface ProxyCommand {
  readonly socket: Duplex;
  /** An error of the connection, with what the program said when it is the program that failed. */
  explain(error: FtaskError): FtaskError;
}

/** Starts the command with the user's shell. It ends with the socket. */
export function startProxyCommand(command: string, place: string, shell: string): ProxyCommand {
  // A group of its own: a Ctrl-C at the terminal is not for it, we still need the connection to clean up.
  const child = spawn(shell, ['-c', `exec ${command}`], {
    detached: true,
    stdio: 'pipe',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  let ended: string | undefined;
  child.once('exit', (code, signal) => {
    ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
  });
  return {
    socket: socketOf(child),
    explain: (error) => {
      if (ended === undefined || !(error instanceof HostUnreachable)) return error;
      const last = said.trim().split('\n').at(-1);
      const words = last ? `: ${last}` : '';
      return new HostUnreachable(`${place}: ProxyCommand ended with ${ended}${words}`, {
        hint: `try it by hand: ${command}`,
        cause: error,
      });
    },
  };
}

function socketOf(child: ChildProcessWithoutNullStreams): Duplex {
  const {stdin, stdout} = child;
  const socket = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    final: (done) => void stdin.end(done),
    destroy: (error, done) => {
      end(child);
      done(error);
    },
  });
  stdout.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) stdout.pause();
  });
  stdout.once('end', () => socket.push(null));
  stdin.on('error', () => socket.destroy());
  child.on('error', (error) => socket.destroy(error));
  return socket;
}

function end({pid}: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
