/** Host keys: nothing is sent to a host that cannot prove who it is. */
import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {poolOf, runOn} from './pools.ts';
import {makeKey, noSshd, startSshd, type TestSshd} from './sshd.ts';

describe('a host whose key', {skip: noSshd}, () => {
  let sshd: TestSshd;
  let files = 0;
  before(async () => {
    sshd = await startSshd({hostKeys: ['ed25519', 'ecdsa', 'rsa']});
  });

  /** The transport to a host when known_hosts holds these lines. */
  const hostKnownBy = async (lines: readonly string[], ...said: string[]) => {
    files += 1;
    const file = join(sshd.folder, `known_${files}`);
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    const config = await sshd.clientConfig({web1: '127.0.0.1'});
    const pool = await poolOf(config, {said: [`UserKnownHostsFile ${file}`, ...said]});
    return {host: pool.to('web1'), file};
  };
  const publicKey = async (file: string) =>
    (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const name = () => `[127.0.0.1]:${sshd.port}`;
  const logins = () => sshd.log().split('Accepted publickey').length;

  test('is not known is refused before anything was sent', async () => {
    const {host} = await hostKnownBy([]);
    const before = logins();
    await assert.rejects(host.open('true'), {
      name: 'HostKeyRejected',
      message: /^web1: the host key is not known: ed25519 SHA256:/,
      hint: /--accept-new-host-keys/,
    });
    assert.equal(logins(), before);
  });

  test('has changed is refused with the file and line of the old one, whatever is accepted', async () => {
    const other = await publicKey(await makeKey(sshd.folder, `other${files}`));
    for (const policy of ['yes', 'accept-new', 'no']) {
      const {host, file} = await hostKnownBy(
        ['# first', `${name()} ${other}`],
        `StrictHostKeyChecking ${policy}`,
      );
      await assert.rejects(host.open('true'), (error: Error) => {
        assert.equal(error.name, 'HostKeyRejected');
        assert.ok(error.message.includes(`has changed: ${file}:2 holds`), error.message);
        return true;
      });
    }
  });

  test('is revoked is refused even if it is known, too', async () => {
    const key = await publicKey(join(sshd.folder, 'host_ed25519'));
    const {host} = await hostKnownBy([`${name()} ${key}`, `@revoked * ${key}`], 'StrictHostKeyChecking no');
    await assert.rejects(host.open('true'), {name: 'HostKeyRejected', message: /revoked/});
  });

  test('is known by one type only is asked for that type', async () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const {host} = await hostKnownBy([`${name()} ${await publicKey(join(sshd.folder, `host_${type}`))}`]);
      assert.equal((await runOn(host, 'echo known')).stdout, 'known\n');
    }
  });

  test('is accepted as new is known from then on', async () => {
    const {host, file} = await hostKnownBy([], 'StrictHostKeyChecking accept-new');
    assert.equal((await runOn(host, 'echo new')).stdout, 'new\n');
    assert.match(await readFile(file, 'utf8'), /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/);
  });
});
