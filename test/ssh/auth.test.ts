/** Logging in: with agents, key files and passwords. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {appendFile, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {Secret} from '../../src/secret.ts';
import {configOf, poolOf, runOn, type TestPoolOptions} from './pools.ts';
import {makeKey, noSshd, notRoot, startSshd, type TestSshd} from './sshd.ts';
import {makeUser, noSudo} from './users.ts';

const run = promisify(execFile);

describe('logging in', {skip: noSshd || notRoot}, () => {
  let sshd: TestSshd;
  let agent: string;
  let agentPid: number | undefined;
  before(async () => {
    sshd = await startSshd();
    agent = join(sshd.folder, 'agent');
    const child = spawn('ssh-agent', ['-D', '-a', agent], {stdio: 'ignore'});
    agentPid = child.pid;
    await untilThere(agent);
  });
  after(() => {
    if (agentPid !== undefined) process.kill(agentPid);
  });

  /** A pool whose hosts h1, h2, ... offer this and nothing else. */
  const poolWith = async (lines: readonly string[], options?: TestPoolOptions) => {
    const {knownHosts, port} = sshd;
    const file = join(sshd.folder, `config_${Math.random()}`);
    const block = [
      'Host h*',
      'HostName 127.0.0.1',
      `Port ${port}`,
      `UserKnownHostsFile ${knownHosts}`,
      ...lines,
      'User root',
      'IdentityAgent none',
      'IdentityFile none',
    ];
    await writeFile(file, block.join('\n  '), {mode: 0o600});
    return poolOf(file, options);
  };
  const add = (...keys: string[]) =>
    run('ssh-add', ['-q', ...keys], {env: {...process.env, SSH_AUTH_SOCK: agent}});
  const forget = () => run('ssh-add', ['-q', '-D'], {env: {...process.env, SSH_AUTH_SOCK: agent}});
  const letIn = async (key: string) => appendFile(sshd.authorizedKeys, await readFile(`${key}.pub`));
  const logsIn = async (lines: readonly string[], options?: TestPoolOptions) =>
    (await runOn((await poolWith(lines, options)).to('h1'), 'echo in')).stdout === 'in\n';

  test('works with every type of key file', async () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const key = await makeKey(sshd.folder, `own_${type}`, type);
      await letIn(key);
      assert.ok(await logsIn([`IdentityFile ${key}`]), type);
    }
  });

  test('works with PEM files, plain and with a passphrase', async () => {
    for (const [type, format] of [
      ['rsa', 'PEM'],
      ['rsa', 'PKCS8'],
      ['ecdsa', 'PEM'],
      ['ecdsa', 'PKCS8'],
    ] as const) {
      for (const passphrase of ['', 'secret words']) {
        const key = await makeKey(sshd.folder, `${type}_${format}_${passphrase.length}`, type, passphrase);
        await letIn(key);
        await run('ssh-keygen', ['-q', '-p', '-m', format, '-P', passphrase, '-N', passphrase, '-f', key]);
        await rm(`${key}.pub`);
        const ask = async () => new Secret(passphrase);
        assert.ok(await logsIn([`IdentityFile ${key}`], {ask}), `${type} ${format} ${passphrase}`);
      }
    }
  });

  test('names what was offered when nothing was right', async () => {
    const key = await makeKey(sshd.folder, 'stranger');
    await assert.rejects(logsIn([`IdentityFile ${key}`]), {
      name: 'AuthenticationFailed',
      message: `h1 (127.0.0.1:${sshd.port}): root was not let in; offered: ${key}`,
    });
  });

  test('says so when there is nothing to offer, and notes what was passed over', async () => {
    const pool = await poolWith(['IdentityFile /no/such/key']);
    await assert.rejects(pool.to('h1').open('true'), {
      name: 'AuthenticationFailed',
      message: `h1 (127.0.0.1:${sshd.port}): root was not let in; there was nothing to offer`,
    });
    assert.deepEqual(pool.notes, ['key /no/such/key is passed over: there is no such file']);
  });

  describe('with a key that has a passphrase', () => {
    let key: string;
    before(async () => {
      key = await makeKey(sshd.folder, 'locked', 'ed25519', 'open sesame');
      await letIn(key);
    });

    test('asks for it once for many hosts', async () => {
      const asked: string[] = [];
      const ask = async (question: string) => {
        asked.push(question);
        return new Secret('open sesame');
      };
      const pool = await poolWith([`IdentityFile ${key}`], {ask});
      await Promise.all(Array.from({length: 10}, (_, index) => runOn(pool.to(`h${index}`), 'true')));
      assert.deepEqual(asked, [`Passphrase for ${key}: `]);
    });

    test('does not count the time that a person thinks', async () => {
      const ask = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return new Secret('open sesame');
      };
      assert.ok(await logsIn([`IdentityFile ${key}`, 'ConnectTimeout 1'], {ask}));
    });

    test('asks again when it was wrong, three times in all', async () => {
      const answers = ['no', 'nor this', 'open sesame'];
      const ask = async () => new Secret(answers.shift() ?? '');
      assert.ok(await logsIn([`IdentityFile ${key}`], {ask}));
      let asked = 0;
      const wrong = async () => {
        asked += 1;
        return new Secret('wrong');
      };
      await assert.rejects(logsIn([`IdentityFile ${key}`], {ask: wrong}), {
        name: 'AuthenticationFailed',
        message: `${key}: the passphrase was wrong 3 times`,
      });
      assert.equal(asked, 3);
    });

    test('says what to do when there is nobody to ask', async () => {
      await assert.rejects(logsIn([`IdentityFile ${key}`]), {
        name: 'AuthenticationFailed',
        message: `${key} has a passphrase, and there is no terminal to ask for it`,
        hint: `give the key to an agent first: ssh-add ${key}`,
      });
    });

    test('asks for nothing when the server does not take the key', async () => {
      const other = await makeKey(sshd.folder, 'locked_stranger', 'ed25519', 'open sesame');
      const ask = () => Promise.reject(new Error('must not ask'));
      await assert.rejects(logsIn([`IdentityFile ${other}`], {ask}), {
        name: 'AuthenticationFailed',
        message: /root was not let in; offered: .*locked_stranger$/,
      });
    });
  });

  test('works with the keys of an agent, rsa too', async () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const key = await makeKey(sshd.folder, `agent_${type}`, type);
      await letIn(key);
      await forget();
      await add(key);
      assert.ok(await logsIn([`IdentityAgent ${agent}`]), type);
    }
  });

  test('asks for no passphrase when the agent has the key', async () => {
    const key = await makeKey(sshd.folder, 'in_agent');
    await letIn(key);
    await forget();
    await add(key);
    await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', key]);
    const ask = () => Promise.reject(new Error('must not ask'));
    assert.ok(await logsIn([`IdentityAgent ${agent}`, `IdentityFile ${key}`], {ask}));
  });

  test('survives an agent with many keys when IdentitiesOnly names the right one', async () => {
    const strangers = await Promise.all(
      Array.from({length: 8}, (_, index) => makeKey(sshd.folder, `many_${index}`)),
    );
    const right = await makeKey(sshd.folder, 'right');
    await letIn(right);
    await forget();
    await add(...strangers, right);
    await assert.rejects(logsIn([`IdentityAgent ${agent}`]), {
      name: 'AuthenticationFailed',
      message:
        /^h1 \(127.0.0.1:\d+\): root was not let in: too many keys were tried; offered: many_0 \(agent\), /,
      hint: /IdentitiesOnly/,
    });
    assert.ok(await logsIn([`IdentityAgent ${agent}`, `IdentityFile ${right}`]), 'named ones come first');
    await rm(right);
    assert.ok(await logsIn([`IdentityAgent ${agent}`, 'IdentitiesOnly yes', `IdentityFile ${right}.pub`]));
  });

  test('goes on without an agent that is not there', async () => {
    const pool = await poolWith(['IdentityAgent /no/such/agent', `IdentityFile ${sshd.identity}`]);
    assert.equal((await runOn(pool.to('h1'), 'echo in')).stdout, 'in\n');
    assert.match(pool.notes.join(), /agent \/no\/such\/agent is passed over/);
  });

  test('forwards the agent only when it was asked for', async () => {
    await forget();
    await add(sshd.identity);
    const lines = [`IdentityAgent ${agent}`];
    const plain = await poolWith(lines);
    assert.equal((await runOn(plain.to('h1'), 'echo "[$SSH_AUTH_SOCK]"')).stdout, '[]\n');
    const forwarding = await poolWith([...lines, 'ForwardAgent yes']);
    const {stdout} = await runOn(forwarding.to('h1'), 'ssh-add -l');
    assert.match(stdout, /client \(ED25519\)/);
  });

  test('works with a password when one was given', {skip: noSudo}, async () => {
    const user = await makeUser();
    for (const way of ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes']) {
      const pam = way.startsWith('Kbd') ? ['UsePAM yes'] : [];
      const server = await startSshd({config: [way, ...pam]});
      const pool = async (password?: Secret) =>
        poolOf(
          await configOf({
            web1: {server, address: '127.0.0.1', lines: [`User ${user.name}`, 'PubkeyAuthentication no']},
          }),
          {password},
        );
      assert.equal(
        (await runOn((await pool(new Secret(user.password))).to('web1'), 'id -un')).stdout,
        `${user.name}\n`,
      );
      await assert.rejects((await pool(new Secret('wrong'))).to('web1').open('true'), (error: Error) => {
        assert.equal(
          error.message,
          `web1 (127.0.0.1:${server.port}): ${user.name} was not let in; offered: the password`,
        );
        return true;
      });
      await assert.rejects((await pool()).to('web1').open('true'), {message: /there was nothing to offer/});
    }
  });
});

async function untilThere(socket: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await run('ssh-add', ['-l'], {env: {...process.env, SSH_AUTH_SOCK: socket}}).then(
      () => true,
      ({code}) => code === 1,
    );
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
