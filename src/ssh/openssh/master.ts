/** The program ssh as the holder of one connection: started for a host, behind a control socket. */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import type {Readable, Writable} from 'node:stream';
import {FtaskError, UsageError} from '../../errors.ts';
import {HostUnreachable} from '../../host/failures.ts';
import {placeOf} from '../connection/failure.ts';
import type {SshSettings} from '../settings.ts';
import {type Bastion, masterArguments} from './master-arguments.ts';
import {SharedConnection} from './shared-connection.ts';
import {lastLine, startFailure} from './start-failure.ts';

/** For logging in, on top of the time to connect: servers hang up by themselves after this (LoginGraceTime). */
const LOGIN_MS = 120_000;

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

export interface MasterOptions {
  /** The control socket to be; what ssh says lies beside it. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Answers the questions of ssh; there are none without it. */
  readonly askpass?: string;
  /** A login password is among the answers. */
  readonly hasPassword: boolean;
  readonly bastion?: Bastion;
}

/**
 * Starts ssh and waits until it has logged in. It goes to the background then, where no Ctrl-C at the terminal reaches
 * it; it ends with our side of the control socket, and when ftask is killed.
 * @throws HostUnreachable, HostKeyRejected, AuthenticationFailed, and UsageError when there is no ssh
 */
export async function startMaster(
  settings: SshSettings,
  options: MasterOptions,
  signal: AbortSignal,
): Promise<SharedConnection> {
  const {path, env, askpass = '/bin/false'} = options;
  const place = placeOf(settings);
  const log = `${path}.log`;
  const limitMs = settings.connectTimeoutMs * settings.connectionAttempts + LOGIN_MS;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const keeper = spawn(
    '/bin/sh',
    ['-c', KEEPER, path, ...masterArguments(settings, options, log), settings.alias],
    {
      // Without our terminal it, and an ssh that it starts for a hop, cannot ask there behind our back.
      detached: true,
      env: {...env, SSH_ASKPASS_REQUIRE: 'force', SSH_ASKPASS: askpass},
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const stop = (): void => endGroup(keeper);
  try {
    const code = await loggedIn(keeper, limit);
    if (code === NO_PROGRAM) throw noProgram(place);
    if (code !== undefined) throw startFailure(settings, textOf(log));
    const connection = await SharedConnection.open({
      place,
      path,
      forwardAgent: settings.forwardAgent,
      lastWords: () => lastLine(textOf(log)),
    });
    connection.life.onLost(stop);
    return connection;
  } catch (error) {
    stop();
    signal.throwIfAborted();
    if (error instanceof FtaskError) throw error;
    const why = limit.aborted ? `ssh has not logged in after ${limitMs / 1000} s` : (error as Error).message;
    throw new HostUnreachable(`${place}: ${why}`, {cause: error});
  }
}

/**
 * Holds ssh while its input is open, which ends with ftask even if that is killed. An ssh of its own accord would stay
 * for as long as a command runs that nobody hears any more.
 */
const KEEPER = `
ssh "$@" </dev/null >/dev/null || exit
echo up
read -r end
ssh -F none -S "$0" -O exit host
rm -f "$0.log" "\${0%/*}/ask"
rmdir "\${0%/*}"
`;

const NO_PROGRAM = 127;

/** The exit code when ssh did not log in; undefined when it did. Rejects when the time is over. */
function loggedIn(keeper: Keeper, limit: AbortSignal): Promise<number | null | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(limit.reason);
    limit.addEventListener('abort', stop, {once: true});
    keeper.once('error', reject);
    keeper.once('exit', resolve);
    keeper.stdout.once('data', () => {
      limit.removeEventListener('abort', stop);
      resolve(undefined);
    });
    keeper.stdin.on('error', () => {});
  });
}

function endGroup({pid}: Keeper): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

function noProgram(place: string): UsageError {
  return new UsageError('NoSsh', `${place}: the program ssh is not installed`, {
    hint: 'install the OpenSSH client, or take the other transport: ssh2',
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
