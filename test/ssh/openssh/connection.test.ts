/** What is different when the program ssh holds the connection: how it comes about, and how it ends. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFile, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {
  AuthenticationFailed,
  ConnectionLost,
  HostKeyRejected,
  HostUnreachable,
} from '../../../src/host/failures.ts';
import type {Transport} from '../../../src/host/transport.ts';
import {Secret} from '../../../src/secret.ts';
import {chooseTransport} from '../../../src/ssh/choose-transport.ts';
import {parseTarget} from '../../../src/ssh/target.ts';
import {sshConfig} from '../config/open.ts';
import {poolOf, runOn, type TestPoolOptions} from '../pools.ts';
import {freePort, makeKey, noSshd, startSshd, type TestSshd} from '../sshd.ts';

const run = promisify(execFile);
const QUICK_SHELL = 'SetEnv HOME=/nonexistent';

describe('the program ssh', {skip: noSshd}, () => {
  let sshd: TestSshd;
  let folder: string;
  before(async () => {
    sshd = await startSshd({config: [QUICK_SHELL]});
    folder = await mkdtemp(join(tmpdir(), 'ftask-openssh-'));
  });
  after(() => rm(folder, {recursive: true, force: true}));

  const over = async (config: string, name: string, options: TestPoolOptions = {}): Promise<Transport> => {
    const pool = await poolOf(config, {env: process.env, ...options});
    return pool.transport(parseTarget(name), 'openssh');
  };
  const connections = () => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
  const failureOf = async (transport: Transport): Promise<Error> => {
    const error: unknown = await transport.open('true').catch((reason: unknown) => reason);
    assert.ok(error instanceof Error, 'it was opened');
    return error;
  };

  test('holds one connection for many commands, with a place for each', async () => {
    const transport = await over(await sshd.clientConfig({web1: '127.0.0.1'}), 'web1');
    assert.equal(transport.name, 'openssh web1');
    const earlier = connections();
    const said = await Promise.all(
      Array.from({length: 25}, (_, index) => runOn(transport, `echo ${index}; exit ${index}`)),
    );
    assert.deepEqual(
      said.map(({stdout, code}) => [stdout, code]),
      said.map((_, index) => [`${index}\n`, index]),
    );
    assert.equal(connections() - earlier, 1);
  });

  test('ends a command although something in the background holds its outputs', async () => {
    const transport = await over(await sshd.clientConfig({web1: '127.0.0.1'}), 'web1');
    const {stdout, code} = await runOn(transport, 'sleep 60 & echo $!; exit 3');
    process.kill(Number(stdout), 'SIGKILL');
    assert.equal(code, 3);
  });

  test('tells 255 and a signal from a lost connection', async () => {
    const transport = await over(await sshd.clientConfig({web1: '127.0.0.1'}), 'web1');
    assert.equal((await runOn(transport, 'exit 255')).code, 255);
    const {code, signal} = await runOn(transport, 'kill -KILL $$');
    assert.deepEqual([code, signal], [null, 'KILL']);
  });

  test('gives a terminal its size, and a new one', async () => {
    const transport = await over(await sshd.clientConfig({web1: '127.0.0.1'}), 'web1');
    const pty = {columns: 101, rows: 33, term: 'vt220'};
    const channel = await transport.open('stty size; echo $TERM; read go; stty size', {pty});
    let said = '';
    for await (const chunk of channel.stdout) {
      said += chunk;
      if (!/vt220\r\n$/.test(said)) continue;
      channel.resize({columns: 55, rows: 44});
      channel.stdin.end('go\n');
    }
    assert.match(said, /^33 101\r\nvt220\r\n(go\r\n)?44 55\r\n$/);
  });

  test('does not pile up what nobody reads', async () => {
    const transport = await over(await sshd.clientConfig({web1: '127.0.0.1'}), 'web1');
    const flood = await transport.open('head -c 200000000 /dev/zero');
    const before = process.memoryUsage.rss();
    assert.equal((await runOn(transport, 'sleep 1; echo free')).stdout, 'free\n');
    assert.ok(process.memoryUsage.rss() - before < 50_000_000);
    flood.abandon();
    assert.equal((await runOn(transport, 'echo still')).stdout, 'still\n');
  });

  test('goes through bastions, whose connections are shared, whoever speaks with the host', async () => {
    const bastion = await startSshd({config: [QUICK_SHELL]});
    const hosts = {web1: '127.0.0.2', web2: '127.0.0.3', web3: '127.0.0.4'};
    const config = await sshd.clientConfig(hosts, [`ProxyJump gate1,gate2`]);
    const gates = await readFile(
      await bastion.clientConfig({gate1: '127.0.0.1', gate2: '127.0.0.1'}),
      'utf8',
    );
    await appendFile(config, gates);
    const pool = await poolOf(config, {env: process.env, choose: () => 'openssh'});
    for (const [name, kind] of [
      ['web1', 'openssh'],
      ['web2', 'openssh'],
      ['web3', 'ssh2'],
    ] as const) {
      const transport = pool.transport(parseTarget(name), kind);
      assert.equal((await runOn(transport, 'echo $SSH_CLIENT')).stdout.startsWith('127.0.0.1 '), true);
    }
    assert.equal(bastion.log().match(/Accepted publickey/g)?.length, 2);
  });

  test('says what is wrong with a host key, with the file and the line', async () => {
    const known = join(folder, 'known_hosts');
    const {port} = sshd;
    const config = await sshd.clientConfig({web1: '127.0.0.1'});
    await writeFile(config, (await readFile(config, 'utf8')).replace(sshd.knownHosts, known));
    const unknown = await failureOf(await over(config, 'web1'));
    assert.ok(unknown instanceof HostKeyRejected);
    assert.match(unknown.message, /web1: the host key is not known: no ED25519 key for \[127/);
    assert.match(unknown.hint ?? '', /--accept-new-host-keys/);

    const other = (await readFile(`${await makeKey(folder, 'other')}.pub`, 'utf8')).split(' ');
    await writeFile(known, `# mine\n[127.0.0.1]:${port} ${other[0]} ${other[1]}\n`);
    const said = ['StrictHostKeyChecking no'];
    const changed = await failureOf(await over(config, 'web1', {said}));
    assert.ok(changed instanceof HostKeyRejected);
    assert.match(
      changed.message,
      /web1: the host key has changed: \S+known_hosts:2 holds another ED25519 key, .* SHA256:/,
    );

    await writeFile(known, '');
    assert.equal((await runOn(await over(config, 'web1', {said}), 'echo in')).stdout, 'in\n');
    assert.match(await readFile(known, 'utf8'), /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 /);
  });

  test('is not let in with a key that the host does not know', async () => {
    const config = await sshd.clientConfig({web1: '127.0.0.1'});
    await writeFile(
      config,
      (await readFile(config, 'utf8')).replace(sshd.identity, await makeKey(folder, 'stranger')),
    );
    const error = await failureOf(await over(config, 'web1'));
    assert.ok(error instanceof AuthenticationFailed);
    assert.match(error.message, /^web1 \(127\.0\.0\.1:\d+\): \w+ was not let in by ssh: .*Permission denied/);
    assert.match(error.hint ?? '', /^try it by hand: ssh -F .* web1$/);
  });

  test('does not find a host that is not there', async () => {
    const config = join(folder, 'nobody');
    await writeFile(config, `Host web1\n  HostName 127.0.0.1\n  Port ${await freePort()}\n`);
    const error = await failureOf(await over(config, 'web1'));
    assert.ok(error instanceof HostUnreachable);
    assert.match(error.message, /Connection refused/);
    const missing = await failureOf(await over(config, 'nobody.invalid'));
    assert.match(missing.message, /^nobody\.invalid:22: Could not resolve hostname/);
  });

  test('is missing: that is said', async () => {
    const config = await sshd.clientConfig({web1: '127.0.0.1'});
    const error = await failureOf(await over(config, 'web1', {env: {PATH: '/nonexistent'}}));
    assert.match(error.message, /the program ssh is not installed/);
  });

  test('asks for the passphrase of a key once for all hosts, again when it was wrong', async () => {
    const key = await makeKey(folder, 'locked', 'ed25519', 'open sesame');
    await appendFile(sshd.authorizedKeys, await readFile(`${key}.pub`));
    const config = await sshd.clientConfig({web1: '127.0.0.1', web2: '127.0.0.2'});
    await writeFile(config, (await readFile(config, 'utf8')).replaceAll(sshd.identity, key));
    const questions: string[] = [];
    const answers = ['wrong', 'open sesame'];
    const ask = async (question: string) => {
      questions.push(question);
      return new Secret(answers.shift() ?? '');
    };
    const pool = await poolOf(config, {env: process.env, ask});
    for (const name of ['web1', 'web2']) {
      const transport = pool.transport(parseTarget(name), 'openssh');
      assert.equal((await runOn(transport, 'echo in')).stdout, 'in\n');
    }
    assert.deepEqual(questions, [
      `Enter passphrase for key '${key}': `,
      `Enter passphrase for key '${key}': `,
    ]);
    const nobody = () => Promise.reject(new Error('there is no terminal'));
    assert.ok((await failureOf(await over(config, 'web1', {ask: nobody}))) instanceof AuthenticationFailed);
    assert.ok((await failureOf(await over(config, 'web1'))) instanceof AuthenticationFailed);
  });

  describe('ends', () => {
    test('with the pool: what is open fails, and no ssh is left', async () => {
      const config = await sshd.clientConfig({web1: '127.0.0.1'});
      const pool = await poolOf(config, {env: process.env});
      const channel = await pool.transport(parseTarget('web1'), 'openssh').open('sleep 100');
      const [pid = ''] = await mastersWith(config);
      assert.notEqual(pid, '');
      await pool.close();
      await assert.rejects(channel.exit, ConnectionLost);
      await untilGone(pid);
    });

    test('with the server, and is made anew for the next command', async () => {
      const own = await startSshd({config: [QUICK_SHELL]});
      const transport = await over(await own.clientConfig({web1: '127.0.0.1'}), 'web1');
      const channel = await transport.open('sleep 100');
      await own.kill();
      await assert.rejects(channel.exit, (error: Error) => {
        assert.ok(error instanceof ConnectionLost);
        assert.match(error.message, /^web1 \(127\.0\.0\.1:\d+\): the connection is lost: /);
        return true;
      });
      assert.ok((await failureOf(transport)) instanceof HostUnreachable);
    });

    test('with ftask, even if that is killed', async () => {
      const config = await sshd.clientConfig({web1: '127.0.0.1'});
      const words = ['--import', 'tsx', 'test/fixtures/ssh/hold-connection.ts', config, 'web1'];
      const ftask = spawn(process.execPath, words, {stdio: ['ignore', 'pipe', 'inherit']});
      await once(ftask.stdout, 'data');
      const [pid = ''] = await mastersWith(config);
      assert.notEqual(pid, '');
      ftask.kill('SIGKILL');
      await untilGone(pid);
    });

    test('with itself: when it is killed, that is a lost connection', async () => {
      const own = await startSshd({config: [QUICK_SHELL]});
      const config = await own.clientConfig({web1: '127.0.0.1'});
      const transport = await over(config, 'web1');
      const channel = await transport.open('sleep 100');
      for (const pid of await mastersWith(config)) process.kill(Number(pid), 'SIGKILL');
      await assert.rejects(channel.exit, ConnectionLost);
      assert.equal((await runOn(transport, 'echo again')).stdout, 'again\n');
    });
  });

  test('takes a user certificate and a host certificate by itself', async () => {
    const userCa = await makeKey(folder, 'user_ca');
    const hostCa = await makeKey(folder, 'host_ca');
    const key = await makeKey(folder, 'certified');
    const {username} = await sshConfig({file: 'none'})
      .then((config) => config.resolve(parseTarget('x')))
      .then(({user}) => ({username: user}));
    await run('ssh-keygen', ['-q', '-s', userCa, '-I', 'me', '-n', username, `${key}.pub`]);
    const hostKey = await makeKey(folder, 'host_key');
    await run('ssh-keygen', ['-q', '-s', hostCa, '-I', 'host', '-h', '-n', '127.0.0.1', `${hostKey}.pub`]);
    const certified = await startSshd({
      config: [
        QUICK_SHELL,
        `TrustedUserCAKeys ${userCa}.pub`,
        `HostKey ${hostKey}`,
        `HostCertificate ${hostKey}-cert.pub`,
        'AuthorizedKeysFile none',
      ],
    });
    const known = join(folder, 'known_authorities');
    await writeFile(
      known,
      `@cert-authority [127.0.0.1]:${certified.port} ${await readFile(`${hostCa}.pub`, 'utf8')}`,
    );
    const config = join(folder, 'certified_config');
    await writeFile(
      config,
      [
        'Host web1',
        'HostName 127.0.0.1',
        `Port ${certified.port}`,
        `IdentityFile ${key}`,
        'IdentitiesOnly yes',
        `UserKnownHostsFile ${known}`,
        '',
      ].join('\n'),
    );
    const settings = await (await sshConfig({file: config})).resolve(parseTarget('web1'));
    const {transport, why} = chooseTransport(settings, 'auto');
    assert.equal(transport, 'openssh');
    assert.equal(why, `host certificates are trusted (${known}:1); a certificate: ${key}-cert.pub`);
    assert.equal((await runOn(await over(config, 'web1'), 'echo in')).stdout, 'in\n');
    assert.match(certified.log(), /Accepted publickey .*-CERT /);
  });
});

/** Those that wait in the background with these words among their arguments. */
async function mastersWith(words: string): Promise<string[]> {
  const {stdout} = await run('ps', ['-eo', 'pid=,args=']);
  return stdout
    .split('\n')
    .filter((row) => row.includes('ssh -f -N -T -M') && row.includes(words))
    .map((row) => row.trim().split(' ')[0] ?? '');
}

async function untilGone(pid: string): Promise<void> {
  for (;;) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
