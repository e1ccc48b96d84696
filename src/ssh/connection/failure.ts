/** What goes wrong while a connection is made, in plain words. */
import type {FtaskError} from '../../errors.ts';
import {AuthenticationFailed, HostUnreachable} from '../../host/failures.ts';
import type {SshSettings} from '../settings.ts';

/** What ssh2 and the socket say of an error. */
export interface RawFailure extends Error {
  readonly level?: string;
  /** A system's error name, or the number of an SSH disconnection. */
  readonly code?: string | number;
  /** All that was tried, when a name has several addresses. */
  readonly errors?: readonly RawFailure[];
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host name',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'refused: nothing listens on this port',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it cut the connection',
  EPIPE: 'it cut the connection',
  EADDRNOTAVAIL: 'this machine does not have the address of BindAddress',
  EACCES: 'this machine may not connect to it',
  EPERM: 'this machine may not connect to it',
};

const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'check the name, or give its address: HostName in ~/.ssh/config',
  ECONNREFUSED: 'check that sshd runs there, and Port',
  ETIMEDOUT: 'check that it is up and that no firewall is between',
  EHOSTUNREACH: 'check that it is up; a host behind a bastion needs ProxyJump',
};

/** `web1 (10.0.0.7:22)`, or just the address when it was selected by it. */
export function placeOf({alias, hostName, port}: SshSettings): string {
  const address = hostName.includes(':') ? `[${hostName}]:${port}` : `${hostName}:${port}`;
  return alias === hostName ? address : `${alias} (${address})`;
}

/** An error of the socket, before or during the handshake. */
export function socketFailure(place: string, error: RawFailure): FtaskError {
  const first = error.errors?.[0] ?? error;
  const code = String(first.code);
  return new HostUnreachable(`${place}: ${SYSTEM_WORDS[code] ?? first.message}`, {
    hint: HINTS[code],
    cause: error,
  });
}

/** An error of the handshake or of what came before it. */
export function handshakeFailure(place: string, error: RawFailure): FtaskError {
  const mismatch = /no matching (.+)$/i.exec(error.message);
  if (mismatch) {
    return new HostUnreachable(`${place}: no ${mismatch[1]} in common with the server`, {
      hint: 'allow an older one in ~/.ssh/config: KexAlgorithms, HostKeyAlgorithms, Ciphers or MACs',
      cause: error,
    });
  }
  if (wasDropped(error)) {
    return new HostUnreachable(`${place}: the server hung up before the handshake`, {
      hint: 'it may take too few connections at a time: MaxStartups in sshd_config',
      cause: error,
    });
  }
  if (typeof error.code === 'number')
    return new HostUnreachable(`${place}: the server hung up: ${error.message}`, {cause: error});
  if (error.code !== undefined) return socketFailure(place, error);
  return new HostUnreachable(`${place}: ${error.message}`, {cause: error});
}

/** Whether the server let go of us before it did anything: it had too many to greet at once. */
export function wasDropped(error: RawFailure): boolean {
  return error.message.startsWith('Connection lost before handshake') || error.code === 'ECONNRESET';
}

/** Whether the server stopped listening because too many keys were tried. */
export function wasTooMany(error: RawFailure): boolean {
  return /too many authentication failures/i.test(error.message);
}

/** Nobody was let in; `offered` says what was tried. */
export function authenticationFailure(
  place: string,
  user: string,
  offered: readonly string[],
  cause: RawFailure,
): FtaskError {
  const tried = offered.length === 0 ? 'there was nothing to offer' : `offered: ${offered.join(', ')}`;
  if (wasTooMany(cause)) {
    return new AuthenticationFailed(`${place}: ${user} was not let in: too many keys were tried; ${tried}`, {
      hint: 'name the right key: IdentityFile together with IdentitiesOnly yes in ~/.ssh/config',
      cause,
    });
  }
  return new AuthenticationFailed(`${place}: ${user} was not let in; ${tried}`, {
    hint: 'check User and IdentityFile in ~/.ssh/config, and authorized_keys on the host',
    cause,
  });
}
