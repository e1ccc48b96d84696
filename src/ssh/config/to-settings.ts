/** The lines that apply to a host, as the settings that a connection is made with. */
import {join} from 'node:path';
import type {HostKeyPolicy, SshSettings} from '../settings.ts';
import {parseTarget} from '../target.ts';
import {expandHostName} from './evaluate.ts';
import type {ConfigLine} from './files/line.ts';
import {identityAgentOf, identityFilesOf} from './identities.ts';
import {hopsOf, proxyCommandOf, proxyOf} from './proxy.ts';
import {expandPath, expandTokens, type TokenValues} from './tokens.ts';
import {badValue, choiceOf, flagOf, numberOf, portOf, timeOf, wordOf} from './values.ts';

/** Who and where we are. */
export type Surroundings = Pick<TokenValues, 'localUser' | 'localHost' | 'uid' | 'homeDir' | 'env'>;

type Settings = Omit<SshSettings, 'ignored' | 'needsOpenSsh' | 'sshArguments'>;

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_ALIVE_INTERVAL_MS = 15_000;
const DEFAULT_ALIVE_COUNT = 3;

/**
 * Reads what the lines say; the first that says a thing counts. Unlike ssh, a connection attempt always has an
 * end (10 s), and a connection is probed (every 15 s, dead after 3) unless the configuration says otherwise.
 * @throws UsageError with `file:line` on a value that cannot be
 */
export function toSettings(alias: string, lines: readonly ConfigLine[], here: Surroundings): Settings {
  const first = (keyword: string): ConfigLine | undefined => lines.find((line) => line.keyword === keyword);
  const read = <Value>(keyword: string, reader: (line: ConfigLine) => Value): Value | undefined => {
    const line = first(keyword);
    return line && reader(line);
  };
  const hostName = lowerCase(expandHostName(read('hostname', wordOf), alias));
  const proxy = proxyOf(lines);
  const hops = proxy?.keyword === 'proxyjump' ? hopsOf(proxy) : [];
  const lastHop = hops.at(-1);
  const hostKeyAlias = read('hostkeyalias', wordOf)?.toLowerCase();
  const base: TokenValues = {
    ...here,
    alias,
    hostName,
    port: read('port', portOf) ?? 22,
    user: here.localUser,
    keyAlias: hostKeyAlias ?? alias,
    jumpHost: lastHop === undefined ? '' : parseTarget(lastHop).alias,
  };
  const values = {...base, user: read('user', userOf(base)) ?? here.localUser};
  const paths = (keyword: string): readonly string[] | undefined =>
    read(keyword, (line) => pathsOf(line, values));
  const ways = read('preferredauthentications', (line) => wordOf(line).split(','));
  const mayUse = (way: string): boolean => ways === undefined || ways.includes(way);
  return {
    alias,
    hostName,
    port: values.port,
    user: values.user,
    identityFiles: identityFilesOf(lines, values),
    identitiesOnly: read('identitiesonly', flagOf) ?? false,
    ...optional('identityAgent', identityAgentOf(first('identityagent'), values)),
    proxyJump: hops.map((hop) => expandTokens(hop, proxy as ConfigLine, values, 'hnpr')),
    ...optional('proxyCommand', proxyCommandOf(proxy, values)),
    connectTimeoutMs: read('connecttimeout', timeOf) || DEFAULT_CONNECT_TIMEOUT_MS,
    connectionAttempts: read('connectionattempts', (line) => numberOf(line, 1)) ?? 1,
    serverAliveIntervalMs: read('serveraliveinterval', timeOf) ?? DEFAULT_ALIVE_INTERVAL_MS,
    serverAliveCountMax: read('serveralivecountmax', (line) => numberOf(line, 0)) ?? DEFAULT_ALIVE_COUNT,
    strictHostKeyChecking: read('stricthostkeychecking', policyOf) ?? 'ask',
    userKnownHostsFiles: paths('userknownhostsfile') ?? knownHosts(join(here.homeDir, '.ssh/known_hosts')),
    globalKnownHostsFiles: paths('globalknownhostsfile') ?? knownHosts('/etc/ssh/ssh_known_hosts'),
    ...optional('hostKeyAlias', hostKeyAlias),
    hashKnownHosts: read('hashknownhosts', flagOf) ?? false,
    // A path asks for another agent than the one there is; that is not done, so none is forwarded.
    forwardAgent: /^(yes|true)$/i.test(read('forwardagent', wordOf) ?? ''),
    addressFamily: read('addressfamily', familyOf) ?? 'any',
    ...optional('bindAddress', read('bindaddress', wordOf)),
    pubkeyAuthentication: mayUse('publickey') && (read('pubkeyauthentication', pubkeyOf) ?? true),
    passwordAuthentication: mayUse('password') && (read('passwordauthentication', flagOf) ?? true),
    kbdInteractiveAuthentication:
      mayUse('keyboard-interactive') && (read('kbdinteractiveauthentication', flagOf) ?? true),
    compression: read('compression', flagOf) ?? false,
    ...optional('ciphers', read('ciphers', wordOf)),
    ...optional('macs', read('macs', wordOf)),
    ...optional('kexAlgorithms', read('kexalgorithms', wordOf)),
    ...optional('hostKeyAlgorithms', read('hostkeyalgorithms', wordOf)),
    origins: originsOf(lines),
  };
}

/** Names are in lower case, but not the zone of an address: `fe80::1%Eth0`. */
function lowerCase(hostName: string): string {
  return hostName.includes('%') ? hostName : hostName.toLowerCase();
}

function userOf(values: TokenValues): (line: ConfigLine) => string {
  // A user that was typed is taken as it is; OpenSSH 10 expands the one of a file.
  return (line) => (line.origin.startsWith('/') ? expandTokens(wordOf(line), line, values) : wordOf(line));
}

function pathsOf(line: ConfigLine, values: TokenValues): readonly string[] {
  if (line.words.length === 0 || line.words.includes('')) throw badValue(line, 'its value is missing');
  if (line.words.length === 1 && line.words[0]?.toLowerCase() === 'none') return [];
  return line.words.map((word) => expandPath(word, line, values));
}

function knownHosts(path: string): readonly string[] {
  return [path, `${path}2`];
}

function policyOf(line: ConfigLine): HostKeyPolicy {
  return choiceOf<HostKeyPolicy>(line, {
    yes: 'yes',
    true: 'yes',
    ask: 'ask',
    'accept-new': 'accept-new',
    no: 'no',
    false: 'no',
    off: 'no',
  });
}

function familyOf(line: ConfigLine): SshSettings['addressFamily'] {
  return choiceOf<SshSettings['addressFamily']>(line, {any: 'any', inet: 'inet', inet6: 'inet6'});
}

function pubkeyOf(line: ConfigLine): boolean {
  return choiceOf(line, {yes: true, true: true, no: false, false: false, unbound: true, 'host-bound': true});
}

function originsOf(lines: readonly ConfigLine[]): Record<string, string> {
  const origins: Record<string, string> = {};
  for (const {keyword, origin} of lines) origins[keyword] ??= origin;
  return origins;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): {readonly [key in Key]?: Value} {
  return value === undefined ? {} : ({[key]: value} as {readonly [key in Key]?: Value});
}
