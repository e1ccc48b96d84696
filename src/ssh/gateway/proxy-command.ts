/** A program that reaches the host for us (ProxyCommand): its two ends as a socket. */
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {Duplex} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import type {FtaskError} from '../../errors.ts';
import {HostUnreachable} from '../../host/failures.ts';

const KEPT_CHARACTERS = 2000;
/** For a program whose end broke the connection to have ended. */
const EXIT_MS = 500;

export interface ProxyCommand {
  readonly socket: Duplex;
  /** An error of the connection, or what the program said when it is the program that failed. */
  explain(error: FtaskError): Promise<FtaskError>;
}

/** Starts the command with the user's shell. It ends with the socket. */
export function startProxyCommand(command: string, place: string, shell: string): ProxyCommand {
  // A group of its own: a Ctrl-C at the terminal is not for it, we still need the connection to clean up.
  const child = spawn(shell, ['-c', `exec ${command}`], {detached: true, stdio: 'pipe'});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  // `close` comes when all it said was read, too.
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    socket: socketOf(child),
    explain: async (error) => {
      const code = await Promise.race([exit, delay(EXIT_MS, null, {ref: false})]);
      // No code: it was we who ended it.
      if (!code || !(error instanceof HostUnreachable)) return error;
      const last = said.trim().split('\n').at(-1);
      const words = last ? `: ${last}` : '';
      return new HostUnreachable(`${place}: ProxyCommand ended with exit code ${code}${words}`, {
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
