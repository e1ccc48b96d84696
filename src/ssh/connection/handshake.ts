/** The handshake of ssh2, as a promise. */
import type {Client, ConnectConfig, HostVerifier} from 'ssh2';
import type {RawFailure} from './failure.ts';

/** What a server says that has too many to greet, instead of its version (sshd.c, `drop_connection`). */
const DROPPED = /^(Exceeded MaxStartups|Not allowed at this time)/;

/**
 * Resolves when we are logged in, with the first line of the server (`SSH-2.0-OpenSSH_9.2`); rejects with what ssh2
 * says of a failure, or with the reason of the signal.
 */
export function shakeHands(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, {once: true});
    let greeting = '';
    client.on('error', (error: RawFailure) => {
      // When the agent fails, the next key is tried.
      if (error.level !== 'agent') reject(strangerFailure(greeting) ?? error);
    });
    client.once('close', () => reject(new Error('it closed the connection')));
    client.once('ready', () => {
      signal.removeEventListener('abort', stop);
      resolve(greeting);
    });
    client.connect(config);
    // ssh2 has paused it; to listen does not start it.
    config.sock?.once('data', (chunk: Buffer) => {
      greeting = chunk.toString('latin1').split('\n')[0]?.trim() ?? '';
    });
  });
}

/** Checks the host's key with `check`, which may take its time, and that it stays the same for the whole connection. */
export function hostKeyCheck(check: (key: Buffer) => Promise<void>): {
  readonly verifier: HostVerifier;
  /** Why the key was not let pass. */
  readonly failure: () => Error | undefined;
} {
  let failure: Error | undefined;
  let first: Buffer | undefined;
  const verifier: HostVerifier = (key, answer) => {
    // When keys are renewed: ssh2 breaks a connection with data under way unless it is answered at once.
    if (first) return answer(first.equals(key));
    first = key;
    check(key)
      .then(
        () => answer(true),
        (error: Error) => {
          failure = error;
          answer(false);
        },
      )
      // ssh2 throws when the connection died meanwhile; whoever waits for it has been told.
      .catch(() => {});
  };
  return {verifier, failure: () => failure};
}

function strangerFailure(greeting: string): Error | undefined {
  if (greeting === '' || greeting.startsWith('SSH-') || DROPPED.test(greeting)) return undefined;
  return new Error(`it does not speak SSH: it says ${JSON.stringify(greeting.slice(0, 80))}`);
}
