/** From settings and a socket to a live connection: handshake, host key, authentication. */
import {FtaskError} from '../../errors.ts';
import {HostUnreachable} from '../../host/failures.ts';
import type {Secret} from '../../secret.ts';
import {type Authentication, authentication} from '../auth/authenticate.ts';
import type {Identity} from '../auth/identities.ts';
import type {Way} from '../gateway/way.ts';
import type {KnownHosts} from '../known-hosts/known-hosts.ts';
import {keyPlace, verifyHostKey} from '../known-hosts/verify.ts';
import type {SshSettings} from '../settings.ts';
import {loadSsh2} from '../ssh2.ts';
import {algorithmsFor} from './algorithms.ts';
import {Connection} from './connection.ts';
import {authenticationFailure, handshakeFailure, placeOf, type RawFailure, wasTooMany} from './failure.ts';
import {gatherWrites} from './gather.ts';
import {hostKeyCheck, shakeHands} from './handshake.ts';
import {type TimeLimit, timeLimit} from './time-limit.ts';

/** What a run has to log in with, and the host keys it knows. */
export interface Access {
  /** In the order they are offered. */
  identities(settings: SshSettings): Promise<readonly Identity[]>;
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
  {identities: identitiesFor, knownHosts, password}: Access,
  limit: TimeLimit,
): Promise<Connection> {
  const [ssh2, identities, known] = await Promise.all([
    loadSsh2(),
    limit.pausedFor(() => identitiesFor(settings)),
    knownHosts(settings),
  ]);
  const auth = authentication(ssh2, settings, {identities, password}, limit.pausedFor);
  const hostKey = hostKeyCheck((key) => limit.pausedFor(() => verifyHostKey(settings, known, key)));
  const algorithms = algorithmsFor(settings, known.keyTypesFor(keyPlace(settings)));
  const place = placeOf(settings);
  const socket = await way.open(limit.signal);
  gatherWrites(socket);
  // From here to the handshake nothing is waited for: an error of the socket would be nobody's.
  const client = new ssh2.Client();
  const connection = new Connection(client, socket, place);
  const {forwardAgent, identityAgent} = settings;
  try {
    const greeting = await shakeHands(
      client,
      {
        sock: socket,
        username: settings.user,
        algorithms,
        authHandler: auth.handler,
        hostVerifier: hostKey.verifier,
        keepaliveInterval: settings.serverAliveIntervalMs,
        keepaliveCountMax: settings.serverAliveCountMax,
        readyTimeout: 0,
        ...(forwardAgent && identityAgent && {agent: identityAgent, agentForward: true}),
      },
      limit.signal,
    );
    connection.sessionsAtOnce = sessionsAtOnce(greeting);
    return connection;
  } catch (error) {
    socket.destroy();
    limit.signal.throwIfAborted();
    throw hostKey.failure() ?? loginFailure(settings, auth, error as RawFailure);
  }
}

/** dropbear 2022.83 mixes up sessions that end at the same time with those that take their numbers. */
function sessionsAtOnce(greeting: string): number | undefined {
  return greeting.includes('dropbear') ? 1 : undefined;
}

function loginFailure(
  settings: SshSettings,
  {offered, failure}: Authentication,
  error: RawFailure,
): FtaskError {
  const place = placeOf(settings);
  const isRefusal = error.level === 'client-authentication' || wasTooMany(error);
  if (!isRefusal) return handshakeFailure(place, error);
  return failure() ?? authenticationFailure(place, settings.user, offered, error);
}
