/** What stands for something else in values: `%h`, `${NAME}`, `~` (ssh_config(5), TOKENS). */
import {createHash} from 'node:crypto';
import {join, resolve} from 'node:path';
import type {ConfigLine} from './files/line.ts';
import {badValue} from './values.ts';

export interface TokenValues {
  readonly hostName: string;
  readonly alias: string;
  readonly port: number;
  readonly user: string;
  /** Host key alias, or what was asked for. */
  readonly keyAlias: string;
  /** First hop of ProxyJump, or empty. */
  readonly jumpHost: string;
  readonly localUser: string;
  readonly localHost: string;
  readonly uid: number;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Replaces the `%` tokens that are in `allowed`. @throws UsageError on another one */
export function expandTokens(text: string, line: ConfigLine, values: TokenValues, allowed = ALL): string {
  return text.replaceAll(/%(.?)/gs, (_, token: string) => tokenValue(token, line, values, allowed));
}

/** An absolute path: `~`, tokens and `${NAME}` replaced. @throws UsageError on what cannot be */
export function expandPath(text: string, line: ConfigLine, values: TokenValues): string {
  // In one pass: what came in for a token is not looked at again.
  const path = expandTilde(text, line, values).replaceAll(
    /%(.?)|\$\{(\w+)\}/gs,
    (_, token: string | undefined, name: string) =>
      token === undefined ? variable(name, line, values) : tokenValue(token, line, values, ALL),
  );
  return resolve(path);
}

function expandTilde(text: string, line: ConfigLine, {homeDir, localUser}: TokenValues): string {
  if (!text.startsWith('~')) return text;
  const [, user = '', rest = ''] = /^~([^/]*)(.*)$/s.exec(text) ?? [];
  if (user !== '' && user !== localUser) throw badValue(line, 'the home of another user is not looked up');
  return join(homeDir, rest);
}

function variable(name: string, line: ConfigLine, {env}: TokenValues): string {
  const value = env[name];
  if (value === undefined) throw badValue(line, `the environment has no ${name}`);
  return value;
}

/** Those that a path can hold; a ProxyCommand knows fewer. */
const ALL = 'CLdhijklnpru';

function tokenValue(token: string, line: ConfigLine, values: TokenValues, allowed: string): string {
  if (token === '%') return '%';
  if (token === '' || !allowed.includes(token)) throw badValue(line, `%${token} means nothing here`);
  switch (token) {
    case 'h':
      return values.hostName;
    case 'n':
      return values.alias;
    case 'p':
      return String(values.port);
    case 'r':
      return values.user;
    case 'u':
      return values.localUser;
    case 'd':
      return values.homeDir;
    case 'i':
      return String(values.uid);
    case 'k':
      return values.keyAlias;
    case 'l':
      return values.localHost;
    case 'L':
      return values.localHost.replace(/\..*/s, '');
    case 'j':
      return values.jumpHost;
    default:
      return connectionHash(values);
  }
}

function connectionHash({localHost, hostName, port, user, jumpHost}: TokenValues): string {
  return createHash('sha1').update(`${localHost}${hostName}${port}${user}${jumpHost}`).digest('hex');
}
