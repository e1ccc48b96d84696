import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {parseTarget} from '../../../src/ssh/target.ts';
import {noSsh} from '../openssh.ts';
import {sshConfig} from './open.ts';

describe('the ssh configuration', async () => {
  const homeDir = await mkdtemp(join(tmpdir(), 'ftask-home-'));
  after(() => rm(homeDir, {recursive: true, force: true}));
  const systemFile = join(homeDir, 'etc/ssh_config');
  const path = (name: string) => join(homeDir, '.ssh', name);

  const write = async (file: string, ...lines: string[]) => {
    await mkdir(dirname(file), {recursive: true});
    await writeFile(file, `${lines.join('\n')}\n`);
    await chmod(file, 0o600);
  };
  const resolve = async (name: string, options: Parameters<typeof sshConfig>[0] = {}) => {
    const config = await sshConfig({homeDir, systemFile, ...options});
    return config.resolve(parseTarget(name));
  };

  test('without any file gives the defaults, with an end to every wait', async () => {
    const settings = await resolve('web1', {file: 'none', localUser: 'me'});
    assert.equal(settings.user, 'me');
    assert.equal(settings.port, 22);
    assert.equal(settings.connectTimeoutMs, 10_000);
    assert.equal(settings.serverAliveIntervalMs, 15_000);
    assert.equal(settings.serverAliveCountMax, 3);
    assert.equal(settings.strictHostKeyChecking, 'ask');
    assert.equal(settings.forwardAgent, false);
    assert.deepEqual(settings.origins, {});
  });

  test('says of each value where it comes from', async () => {
    await write(path('config'), 'Host web*', '  Port 2222', '  Include more.conf');
    await write(path('more.conf'), 'ConnectTimeout 7');
    await write(systemFile, 'Port 22', 'HashKnownHosts yes');
    const config = await sshConfig({homeDir, systemFile});
    const said = [{setting: 'User backup', origin: 'option --user'}];
    const {origins, ...settings} = await config.resolve(parseTarget('web1'), said);
    assert.deepEqual(origins, {
      user: 'option --user',
      port: `${path('config')}:2`,
      connecttimeout: `${path('more.conf')}:1`,
      hashknownhosts: `${systemFile}:2`,
    });
    assert.equal(settings.user, 'backup');
    assert.equal(settings.connectTimeoutMs, 7000);
  });

  test('lets the user and the port of a target win over everything', async () => {
    await write(path('config'), 'User deploy', 'Port 2222');
    const config = await sshConfig({homeDir, systemFile});
    const said = [{setting: 'User backup', origin: 'option --user'}];
    const settings = await config.resolve(parseTarget('ops@web1:2022'), said);
    assert.equal(settings.user, 'ops');
    assert.equal(settings.port, 2022);
    assert.equal(settings.origins['user'], 'ops@web1:2022');
  });

  for (const [broken, what] of [
    ['Port', /config:2: a value is missing after "Port"/],
    ['User "me', /config:2: a quote is not closed/],
    ['Port ssh2', /config:2: Port ssh2: it is a whole number/],
    ['Port 70000', /config:2: .* at most 65535/],
    ['IdentitiesOnly maybe', /config:2: IdentitiesOnly maybe: it can be yes/],
    ['User a b', /config:2: User a b: one value is enough/],
    ['ConnectTimeout 3x', /config:2: ConnectTimeout 3x: a time is written as/],
    ['Match', /config:2: a value is missing/],
    ['Match host', /config:2: Match host: its value is missing/],
    ['Match planet mars', /config:2: Match does not know "planet"/],
    ['Match host a user b all', /config:2: Match all cannot stand beside/],
    ['Host ""', /config:2: Host has an empty pattern/],
    ['ProxyJump a,,b', /config:2: .* a hop is empty/],
    ['IdentityFile ~/%x', /config:2: .* %x means nothing here/],
    [`IdentityFile \${NO_SUCH_NAME}/k`, /config:2: .* the environment has no NO_SUCH_NAME/],
    ['Include ~nobody/x', /config:2: an Include cannot be ~nobody/],
    ['Include config', /more than 16 files include one another/],
    ['RefuseConnection it is retired', /config:2: RefuseConnection: it is retired/],
  ] as const) {
    test(`refuses ${JSON.stringify(broken)}, with file and line`, async () => {
      await write(path('config'), '# first line', broken);
      await assert.rejects(resolve('web1'), {message: what});
    });
  }

  test('does not trust a file that others can write', async () => {
    await write(path('config'), 'User mallory');
    await chmod(path('config'), 0o666);
    await assert.rejects(resolve('web1'), {message: /could be changed by others/});
  });

  test('needs the file that was named', async () => {
    await assert.rejects(resolve('web1', {file: path('none.such')}), {
      message: /there is no ssh configuration/,
    });
  });

  test('reads the files once', async () => {
    await write(path('config'), 'User deploy');
    const config = await sshConfig({homeDir, systemFile});
    await write(path('config'), 'User other');
    assert.equal((await config.resolve(parseTarget('web1'))).user, 'deploy');
  });

  test('finds included files by glob, hidden ones only when asked for', async () => {
    await write(path('config'), 'Include conf.d/[!x]*.conf');
    await write(path('conf.d/b.conf'), 'Port 2');
    await write(path('conf.d/a.conf'), 'User from-a', 'Port 1');
    await write(path('conf.d/x.conf'), 'HostKeyAlias x');
    await write(path('conf.d/.hidden.conf'), 'HostKeyAlias hidden');
    const settings = await resolve('web1');
    assert.equal(settings.user, 'from-a');
    assert.equal(settings.port, 1);
    assert.equal(settings.hostKeyAlias, undefined);
  });

  test('takes the agent of the environment unless another or none is said', async () => {
    const env = {SSH_AUTH_SOCK: '/run/agent', OTHER: '/run/other'};
    await write(path('config'), 'Host none', 'IdentityAgent none', 'Host other', 'IdentityAgent $OTHER');
    assert.equal((await resolve('web1', {env})).identityAgent, '/run/agent');
    assert.equal((await resolve('none', {env})).identityAgent, undefined);
    assert.equal((await resolve('other', {env})).identityAgent, '/run/other');
  });

  test('offers only the ways of authentication that are preferred', async () => {
    await write(path('config'), 'PreferredAuthentications publickey,password');
    const settings = await resolve('web1');
    assert.equal(settings.pubkeyAuthentication, true);
    assert.equal(settings.passwordAuthentication, true);
    assert.equal(settings.kbdInteractiveAuthentication, false);
  });

  test('lists what matters and is not done, with its place and why', async () => {
    await write(
      path('config'),
      'LocalForward 8080 localhost:80',
      'VerifyHostKeyDNS yes',
      'VerifyHostKeyDNS no',
      'Tunnel no',
      'StrictHostKeyChecking no',
      'ForwardAgent /run/other-agent',
      'IgnoreUnknown Apple*',
      'AppleKeychain yes',
      'NoSuchThing yes',
      'LogLevel DEBUG',
    );
    const {ignored, forwardAgent} = await resolve('web1');
    assert.deepEqual(
      ignored.map(({setting, origin}) => `${origin.split('/').at(-1)} ${setting}`),
      [
        'config:1 LocalForward 8080 localhost:80',
        'config:2 VerifyHostKeyDNS yes',
        'config:5 StrictHostKeyChecking no',
        'config:6 ForwardAgent /run/other-agent',
        'config:9 NoSuchThing yes',
      ],
    );
    assert.equal(forwardAgent, false);
    const done = ignored.filter(({isHonouredBySsh}) => isHonouredBySsh);
    assert.deepEqual(
      done.map(({setting}) => setting),
      ['VerifyHostKeyDNS yes', 'NoSuchThing yes'],
    );
  });

  describe('what only ssh can judge', {skip: noSsh}, () => {
    test('Match exec is resolved by asking ssh', async () => {
      await write(
        path('config'),
        'Match host web* exec "test %h = web1"',
        'User deploy',
        'Port 2222',
        'Host *',
        'User other',
        'IdentityFile /keys/one',
      );
      const settings = await resolve('web1');
      assert.deepEqual([settings.user, settings.port], ['deploy', 2222]);
      assert.deepEqual(settings.identityFiles, ['/keys/one']);
      assert.equal(settings.serverAliveIntervalMs, 15_000);
      assert.equal(settings.origins['port'], 'ssh -G');
      assert.deepEqual(settings.ignored, []);
      assert.deepEqual(settings.needsOpenSsh, []);
      assert.equal((await resolve('web2')).user, 'other');
    });

    test('is not asked where other criteria of the line say no', async () => {
      await write(path('config'), 'Match host db* exec "exit 1"', 'User deploy');
      assert.equal((await resolve('web1')).origins['user'], undefined);
      assert.deepEqual((await resolve('web1', {env: {PATH: '/nowhere'}})).port, 22);
    });

    test('Match final and canonical names are resolved by asking ssh', async () => {
      await write(path('config'), 'Match final host 10.1.2.3', 'User late', 'Host web1', 'HostName 10.1.2.3');
      assert.equal((await resolve('web1')).user, 'late');
      await write(
        path('config'),
        'CanonicalizeHostname yes',
        'CanonicalDomains example.invalid',
        'Match canonical',
        'User canonical',
      );
      assert.equal((await resolve('web1')).user, 'canonical');
    });

    test('the user and options of the command line are passed on', async () => {
      await write(path('config'), 'Match exec true user ops', 'Port 2222');
      const config = await sshConfig({homeDir, systemFile});
      const said = [{setting: 'ConnectTimeout 3', origin: 'option --connect-timeout'}];
      const settings = await config.resolve(parseTarget('ops@web1'), said);
      assert.deepEqual([settings.user, settings.port, settings.connectTimeoutMs], ['ops', 2222, 3000]);
    });

    test('is an error with the line when there is no ssh', async () => {
      await write(path('config'), 'Match exec true', 'User deploy');
      await assert.rejects(resolve('web1', {env: {PATH: '/nowhere'}}), {
        message: /web1: only the program ssh can judge .*config:1: Match exec/,
      });
    });

    test('what ssh refuses is told in its words', async () => {
      await write(path('config'), 'Match exec true', 'User deploy', 'NoSuchThing yes');
      await assert.rejects(resolve('web1'), {message: /config: terminating, 1 bad configuration options/});
    });
  });

  test('tokens of a ProxyCommand mean what they mean to ssh', {skip: noSsh}, async () => {
    await write(
      path('config'),
      'Host web*',
      'HostName %h.internal',
      'Port 2222',
      'User deploy',
      'ProxyCommand false "%h|%n|%p|%r|%%"',
    );
    const {proxyCommand} = await resolve('web1');
    const {stderr} = await promisify(execFile)('ssh', ['-v', '-F', path('config'), 'web1']).catch(
      (error: {stderr: string}) => error,
    );
    assert.equal(proxyCommand, 'false "web1.internal|web1|2222|deploy|%"');
    assert.equal(/Executing proxy command: exec (.*?)\r?\n/.exec(stderr)?.[1], proxyCommand);
  });
});
