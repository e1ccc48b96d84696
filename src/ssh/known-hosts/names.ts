/** The names under which a host's key is kept, in clear and hashed. */
import {createHmac, randomBytes} from 'node:crypto';

/** Where a host is looked up. */
export interface KeyPlace {
  readonly host: string;
  readonly port: number;
  /** HostKeyAlias: looked up as it is, in place of host and port. */
  readonly alias?: string;
}

/** `web1`, or `[web1]:2222` when the port is not 22. */
export function knownName({host, port, alias}: KeyPlace): string {
  return (alias ?? (port === 22 ? host : `[${host}]:${port}`)).toLowerCase();
}

/** Whether a hashed name (`|1|salt|hash`, HMAC-SHA1) is this one. */
export function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  return version === '1' && hash !== '' && hmac(salt, name) === hash;
}

/** A name hashed with a new salt, as HashKnownHosts does. */
export function hashName(name: string): string {
  const salt = randomBytes(20).toString('base64');
  return `|1|${salt}|${hmac(salt, name)}`;
}

function hmac(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
}
