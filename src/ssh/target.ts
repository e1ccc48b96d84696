/** What an operator types for one host: `web1`, `deploy@web1:2222`, `[::1]:22`, `ssh://deploy@web1:2222`. */
import {UsageError} from '../errors.ts';

export interface Target {
  /** As it was typed. */
  readonly name: string;
  /** What ssh_config's `Host` patterns are matched against; an IPv6 address is without brackets. */
  readonly alias: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * Takes a target apart.
 * @throws UsageError when it is empty, its port is none, or a shell or ssh could read it as something else
 */
export function parseTarget(name: string): Target {
  const rest = name.startsWith('ssh://') ? name.slice('ssh://'.length).replace(/\/$/, '') : name;
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : rest.slice(0, at);
  const {alias, port} = splitPort(rest.slice(at + 1), name);
  const flaw = (user === undefined ? undefined : userFlaw(user)) ?? hostFlaw(alias);
  if (flaw !== undefined) throw badTarget(name, flaw);
  return {name, alias, ...(user !== undefined && {user}), ...(port !== undefined && {port})};
}

/** What is wrong with a name of a host; undefined when nothing is. The same that OpenSSH refuses (ssh.c). */
function hostFlaw(host: string): string | undefined {
  if (host === '') return 'the host is missing';
  if (host.startsWith('-')) return 'a host cannot begin with a dash';
  if (hasControl(host) || /\s/.test(host)) return 'a host cannot hold white space or control characters';
  if (/['`"$\\;&<>|(){},@/]/.test(host)) return 'a host cannot hold characters that a shell reads';
  return undefined;
}

/** What is wrong with the name of a user; undefined when nothing is. The same that OpenSSH refuses (ssh.c). */
function userFlaw(user: string): string | undefined {
  if (user === '') return 'the user before the @ is missing';
  if (user.startsWith('-')) return 'a user cannot begin with a dash';
  if (hasControl(user)) return 'a user cannot hold control characters';
  if (/['`";&<>|(){}]|\s-|\\$/.test(user)) return 'a user cannot hold characters that a shell reads';
  return undefined;
}

function splitPort(text: string, name: string): {alias: string; port?: number} {
  const bracketed = /^\[([^[\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return withPort(bracketed[1] ?? '', bracketed[2], name);
  const parts = text.split(':');
  // More than one colon is an IPv6 address, which has its port behind brackets.
  if (parts.length !== 2) return {alias: text};
  return withPort(parts[0] ?? '', parts[1], name);
}

function withPort(alias: string, text: string | undefined, name: string): {alias: string; port?: number} {
  if (text === undefined) return {alias};
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw badTarget(name, `${JSON.stringify(text)} is no port (1 to 65535)`);
  return {alias, port};
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function badTarget(name: string, flaw: string): UsageError {
  return new UsageError('BadTarget', `${JSON.stringify(name)} is no host: ${flaw}`, {
    hint: 'a host is written as NAME, USER@NAME, NAME:PORT, [IPV6]:PORT or ssh://USER@NAME:PORT',
  });
}
