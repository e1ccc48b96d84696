/** The program ssh as the holder of one connection: started for a host, behind a control socket. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {UsageError} from '../../errors.ts';
import {HostUnreachable} from '../../host/failures.ts';
import {placeOf} from '../connection/failure.ts';
import type {SshSettings} from '../settings.ts';
import {type Bastion, masterArguments} from './master-arguments.ts';
import {SharedConnection} from './shared-connection.ts';
import {lastLine, startFailure} from './start-failure.ts';

/** For logging in, on top of the time to connect: servers hang up by themselves after this (LoginGraceTime). */
const LOGIN_MS = 120_000;

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
 * it, and ends soon after our side of the control socket.
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
  const child = spawn('ssh', [...masterArguments(settings, options, log), settings.alias], {
    // Without our terminal it, and an ssh that it starts for a hop, cannot ask there behind our back.
    detached: true,
    env: {...env, SSH_ASKPASS_REQUIRE: 'force', SSH_ASKPASS: askpass},
    stdio: 'ignore',
    signal: limit,
  });
  const code = await exitCode(child).catch((cause: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    if (cause.code === 'ENOENT') throw noProgram(place, cause);
    throw new HostUnreachable(`${place}: ssh has not logged in after ${limitMs / 1000} s`, {cause});
  });
  if (code !== 0) throw startFailure(settings, textOf(log));
  return SharedConnection.open({
    place,
    path,
    forwardAgent: settings.forwardAgent,
    lastWords: () => lastLine(textOf(log)),
  }).catch((cause: Error) => {
    throw new HostUnreachable(`${place}: ssh logged in, but cannot be used: ${cause.message}`, {cause});
  });
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

function noProgram(place: string, cause: unknown): UsageError {
  return new UsageError('NoSsh', `${place}: the program ssh is not installed`, {
    hint: 'install the OpenSSH client, or take the other transport: ssh2',
    cause,
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
