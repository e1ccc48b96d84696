/** Our reading of ssh_config against that of the real ssh (`ssh -G`), for many configurations. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {promisify} from 'node:util';
import fc from 'fast-check';
import type {SshSettings} from '../../../src/ssh/settings.ts';
import {parseTarget} from '../../../src/ssh/target.ts';
import {noSsh} from '../openssh.ts';
import {sshConfig} from './open.ts';

const run = promisify(execFile);
const {username, homedir} = userInfo();

describe('a configuration means what ssh says it means', {skip: noSsh}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-config-'));
  after(() => rm(folder, {recursive: true, force: true}));
  const main = join(folder, 'config');
  const included = [join(folder, 'one.conf'), join(folder, 'two.conf')];

  const write = (path: string, text: string) => writeFile(path, text, {mode: 0o600});

  test('whatever stands in Host, Match and Include blocks', async () => {
    const block = (include: readonly string[]) =>
      fc.tuple(
        heading(),
        fc.array(fc.oneof({weight: 9, arbitrary: setting()}, {weight: 1, arbitrary: includeOf(include)}), {
          maxLength: 5,
        }),
      );
    const file = (include: readonly string[]) =>
      fc
        .array(block(include), {minLength: 1, maxLength: 5})
        .map((blocks) => `${blocks.flatMap(([head, lines]) => [head, ...lines]).join('\n')}\n`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(setting(), {maxLength: 2}),
        file(included),
        file([]),
        file([]),
        target(),
        async (top, text, first, second, name) => {
          await write(main, `${top.join('\n')}\n${text}`);
          await write(included[0] ?? '', first);
          await write(included[1] ?? '', second);
          const config = await sshConfig({file: main});
          const ours = await config.resolve(parseTarget(name));
          assert.deepEqual(comparable(ours), await theirs([name], main));
        },
      ),
      {numRuns: 400},
    );
  });

  const theirs = async (words: readonly string[], file: string) => {
    const {stdout} = await run('ssh', ['-G', '-F', file, ...words]);
    return fromSsh(stdout);
  };
});

function target() {
  return fc.constantFrom(
    'web1',
    'WEB1',
    'web2',
    'db.example.com',
    'ops@web1',
    `${username}@web2`,
    '10.1.2.3',
    'ssh://ops@web1:2022',
  );
}

const PATTERNS = [
  '*',
  'web*',
  'web?',
  'web1',
  'WEB1',
  '*.example.com',
  'db.*',
  '10.1.*',
  '!web2',
  '!*.com',
  '?eb1',
  'w*b*1',
];

function heading() {
  const list = (patterns: readonly string[]) =>
    fc.array(fc.constantFrom(...patterns), {minLength: 1, maxLength: 3});
  const users = ['ops', 'deploy', '*', '!ops', 'o*', username];
  const criterion = fc.oneof(
    fc.tuple(
      fc.constantFrom('host', 'Host', 'originalhost', '!host', '!originalhost'),
      list([...PATTERNS, 'inner*', '10.*', 'web1.internal']),
    ),
    fc.tuple(fc.constantFrom('user', '!user'), list(users)),
    fc.tuple(fc.constantFrom('localuser'), list(users)),
  );
  const criteria = fc
    .array(criterion, {minLength: 1, maxLength: 3})
    .map((parts) => parts.map(([name, values]) => `${name} ${values.join(',')}`).join(' '));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(keyword('Host'), separator(), list(PATTERNS))
        .map(([name, gap, patterns]) => `${name}${gap}${patterns.join(' ')}`),
    },
    {weight: 4, arbitrary: fc.tuple(keyword('Match'), criteria).map(([name, text]) => `${name} ${text}`)},
    fc.constantFrom(
      'Match all',
      'match ALL',
      'Match !all',
      'Match canonical all',
      'Match canonical host web1',
    ),
  );
}

function setting() {
  const flag = fc.constantFrom('yes', 'no', 'true', 'false', 'YES');
  const choices: Readonly<Record<string, fc.Arbitrary<string>>> = {
    HostName: fc.constantFrom('web1.internal', '%h.internal', '10.9.8.7', 'INNER%%x', '"inner1"', "'inner2'"),
    Port: fc.constantFrom('22', '2222', '"2022"', '65535'),
    User: fc.constantFrom('ops', 'deploy', '"deploy"', 'a#b', 'with\\ blank', "'two words'"),
    IdentityFile: fc.constantFrom(
      '~/.ssh/id_one',
      '/keys/two',
      '"/keys/with blank"',
      '/keys/a#b',
      'none',
      '/keys/\\"q',
    ),
    IdentitiesOnly: flag,
    ConnectTimeout: fc.constantFrom('3', '1m', '1m30s', '20S'),
    ConnectionAttempts: fc.constantFrom('1', '4'),
    ServerAliveInterval: fc.constantFrom('5', '2m'),
    ServerAliveCountMax: fc.constantFrom('2', '9'),
    StrictHostKeyChecking: fc.constantFrom('yes', 'no', 'ask', 'accept-new', 'off'),
    UserKnownHostsFile: fc.constantFrom(
      '/known/one',
      '/known/one "/known/two"',
      '~/.ssh/%h',
      '/known/%n-%p-%u',
      '%d/known%%',
      'none',
    ),
    GlobalKnownHostsFile: fc.constantFrom('/global/one', '/global/one /global/two'),
    HostKeyAlias: fc.constantFrom('Fleet', 'alias'),
    HashKnownHosts: flag,
    ForwardAgent: fc.constantFrom('yes', 'no'),
    AddressFamily: fc.constantFrom('any', 'inet', 'inet6'),
    BindAddress: fc.constantFrom('10.0.0.9'),
    PubkeyAuthentication: flag,
    PasswordAuthentication: flag,
    KbdInteractiveAuthentication: flag,
    ChallengeResponseAuthentication: flag,
    Compression: fc.constantFrom('yes', 'no'),
    ProxyJump: fc.constantFrom('jump1', 'ops@jump1:2222,jump2', 'none', 'ssh://jump3:22 # behind'),
    ProxyCommand: fc.constantFrom('nc gate 22', 'ssh -W "x y" z # w', 'none'),
    IdentityAgent: fc.constantFrom('none', '/run/agent', '~/agent-%r'),
    Ciphers: fc.constantFrom('aes256-ctr', 'aes128-ctr,aes256-ctr'),
  };
  return fc
    .constantFrom(...Object.keys(choices))
    .chain((name) =>
      fc.tuple(
        keyword(name),
        separator(),
        choices[name] as fc.Arbitrary<string>,
        fc.constantFrom('', '  ', '\t'),
        fc.constantFrom('', '\r', '  '),
      ),
    )
    .map(([name, gap, value, indent, end]) => `${indent}${name}${gap}${value}${end}`);
}

function includeOf(files: readonly string[]) {
  return files.length === 0
    ? fc.constant('# nothing is included here')
    : fc
        .constantFrom(...files, `"${files[0]}" ${files[1]}`, join(files[0] ?? '', '../*.conf'), '/nowhere/*')
        .map((path) => `Include ${path}`);
}

function keyword(name: string) {
  return fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
}

function separator() {
  return fc.constantFrom(' ', '=', ' = ', '\t', '   ');
}

/** The names that `ssh -G` prints. */
function comparable(settings: SshSettings): Record<string, unknown> {
  const {origins} = settings;
  return {
    hostname: settings.hostName,
    port: settings.port,
    user: settings.user,
    identityfile: origins['identityfile'] ? settings.identityFiles : 'default',
    identitiesonly: settings.identitiesOnly,
    connecttimeout: origins['connecttimeout'] && settings.connectTimeoutMs / 1000,
    connectionattempts: settings.connectionAttempts,
    serveraliveinterval: origins['serveraliveinterval'] && settings.serverAliveIntervalMs / 1000,
    serveralivecountmax: settings.serverAliveCountMax,
    stricthostkeychecking: settings.strictHostKeyChecking,
    userknownhostsfile: settings.userKnownHostsFiles,
    globalknownhostsfile: settings.globalKnownHostsFiles,
    hostkeyalias: settings.hostKeyAlias,
    hashknownhosts: settings.hashKnownHosts,
    forwardagent: settings.forwardAgent,
    addressfamily: settings.addressFamily,
    bindaddress: settings.bindAddress,
    pubkeyauthentication: settings.pubkeyAuthentication,
    passwordauthentication: settings.passwordAuthentication,
    kbdinteractiveauthentication: settings.kbdInteractiveAuthentication,
    compression: settings.compression,
    proxyjump: settings.proxyJump.map(hop),
    proxycommand: settings.proxyCommand,
    identityagent: origins['identityagent'] ? (settings.identityAgent ?? 'none') : undefined,
    ciphers: settings.ciphers,
  };
}

function fromSsh(text: string): Record<string, unknown> {
  const said = new Map<string, string[]>();
  for (const line of text.trim().split('\n')) {
    const [name = ''] = line.split(' ', 1);
    said.set(name, [...(said.get(name) ?? []), line.slice(name.length + 1)]);
  }
  const word = (name: string) => said.get(name)?.[0];
  const flag = (name: string) => /^(yes|true)$/.test(word(name) ?? '');
  const whole = (name: string) => Number(word(name));
  const files = (name: string) =>
    word(name)
      ?.split(' ')
      .filter((path) => path !== 'none');
  const identities = said.get('identityfile') ?? [];
  return {
    hostname: word('hostname'),
    port: whole('port'),
    user: word('user'),
    // The DSA key tells the list of defaults; nobody configures that here.
    identityfile: identities.includes('~/.ssh/id_dsa')
      ? 'default'
      : identities.filter((path) => path !== 'none').map((path) => path.replace(/^~/, homedir)),
    identitiesonly: flag('identitiesonly'),
    connecttimeout: word('connecttimeout') === 'none' ? undefined : whole('connecttimeout'),
    connectionattempts: whole('connectionattempts'),
    serveraliveinterval: whole('serveraliveinterval') || undefined,
    serveralivecountmax: whole('serveralivecountmax'),
    stricthostkeychecking:
      ({true: 'yes', false: 'no'} as Record<string, string>)[word('stricthostkeychecking') ?? ''] ??
      word('stricthostkeychecking'),
    userknownhostsfile: files('userknownhostsfile'),
    globalknownhostsfile: files('globalknownhostsfile'),
    hostkeyalias: word('hostkeyalias'),
    hashknownhosts: flag('hashknownhosts'),
    forwardagent: flag('forwardagent'),
    addressfamily: word('addressfamily'),
    bindaddress: word('bindaddress'),
    pubkeyauthentication: flag('pubkeyauthentication'),
    passwordauthentication: flag('passwordauthentication'),
    kbdinteractiveauthentication: flag('kbdinteractiveauthentication'),
    compression: flag('compression'),
    proxyjump: word('proxyjump')?.split(',').map(hop) ?? [],
    proxycommand: word('proxycommand'),
    identityagent: word('identityagent'),
    ciphers: word('ciphers')?.startsWith('chacha20') ? undefined : word('ciphers'),
  };
}

function hop(text: string) {
  const {alias, user, port} = parseTarget(text);
  return {alias, user, port};
}
