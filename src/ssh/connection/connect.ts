/** From settings and a socket to a live connection: handshake, host key, authentication. */
import type {ConnectConfig} from 'ssh2';
import {FtaskError} from '../../errors.ts';
import {AuthenticationFailed, HostUnreachable} from '../../host/failures.ts';
import type {Secret} from '../../secret.ts';
import {authentication} from '../auth/authenticate.ts';
import {identitiesFor} from '../auth/identities.ts';
import type {Keys} from '../auth/keys.ts';
import type {Way} from '../gateway/way.ts';
import type {KnownHosts} from '../known-hosts/known-hosts.ts';
import {keyPlace, verifyHostKey} from '../known-hosts/verify.ts';
import type {SshSettings} from '../settings.ts';
import {loadSsh2} from '../ssh2.ts';
import {algorithmsFor} from './algorithms.ts';
import {Connection} from './connection.ts';
import {authenticationFailure, handshakeFailure, placeOf, type RawFailure, wasTooMany} from './failure.ts';
import {type TimeLimit, timeLimit} from './time-limit.ts';

/** What a run has to log in with, and the host keys it knows. */
export interface Access {
  readonly keys: Keys;
  knownHosts(settings: SshSettings): Promise<KnownHosts>;
  readonly password?: Secret;
}

/**
 * Makes a connection by `way` and logs in, within the time that ConnectTimeout gives for all of it.
 * @throws HostUnreachable, HostKeyRejected, AuthenticationFailed
 */
export async function connect(
  settings: SshSettings,
  way: Way,
  access: Access,
  signal: AbortSignal,
): Promise<Connection> {
  const {connectTimeoutMs} = settings;
  const tooLate = () =>
    new HostUnreachable(`${placeOf(settings)}: no answer in ${connectTimeoutMs / 1000} s`);
  const limit = timeLimit(connectTimeoutMs, tooLate, signal);
  try {
    return await logIn(settings, way, access, limit);
  } catch (error) {
    throw error instanceof FtaskError ? await way.explain(error) : error;
  } finally {
    limit.end();
  }
}

async function logIn(
  settings: SshSettings,
  way: Way,
  {keys, knownHosts, password}: Access,
  limit: TimeLimit,
): Promise<Connection> {
  const [ssh2, identities, known] = await Promise.all([
    loadSsh2(),
    limit.pausedFor(() => identitiesFor(settings, keys)),
    knownHosts(settings),
  ]);
  const auth = authentication(ssh2, {user: settings.user, identities, password}, limit.pausedFor);
  const place = placeOf(settings);
  // Nothing is waited for between the socket and its use: an error of it would be nobody's.
  const socket = await way.open(limit.signal);
  const client = new ssh2.Client();
  const connection = new Connection(client, socket, place);
  let rejected: Error | undefined;
  const verify = (key: Buffer, answer: (isRight: boolean) => void) => {
    limit
      .pausedFor(() => verifyHostKey(settings, known, key))
      .then(
        () => settleQuietly(() => answer(true)),
        (error: Error) => {
          rejected = error;
          settleQuietly(() => answer(false));
        },
      );
  };
  const config: ConnectConfig = {
    sock: socket,
    username: settings.user,
    algorithms: algorithmsFor(settings, known.keyTypesFor(keyPlace(settings))),
    authHandler: auth.handler,
    hostVerifier: verify,
    keepaliveInterval: settings.serverAliveIntervalMs,
    keepaliveCountMax: settings.serverAliveCountMax,
    readyTimeout: 0,
    ...(settings.forwardAgent &&
      settings.identityAgent && {agent: settings.identityAgent, agentForward: true}),
  };
  const offered = [
    ...identities.map(({from, label}) => (from === 'agent' ? `${label} (agent)` : label)),
    ...(password ? ['password'] : []),
  ];
  const explain = (error: RawFailure): FtaskError => {
    if (rejected instanceof FtaskError) return rejected;
    if (error.level !== 'client-authentication' && !wasTooMany(error)) return handshakeFailure(place, error);
    const own = auth.failure();
    return own instanceof AuthenticationFailed
      ? own
      : authenticationFailure(place, settings.user, offered, error);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      limit.signal.throwIfAborted();
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), {once: true});
      client.once('ready', resolve);
      client.on('error', (error: RawFailure) => {
        // When the agent fails, the next key is tried.
        if (error.level !== 'agent') reject(explain(error));
      });
      client.once('close', () => reject(explain(new Error('it closed the connection'))));
      client.connect(config);
    });
    return connection;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** ssh2 throws when the connection died while somebody thought about the answer. */
function settleQuietly(answer: () => void): void {
  try {
    answer();
  } catch {
    // Whoever waits for the connection has been told.
  }
}
