import assert from 'node:assert/strict';
import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {HostKeyRejected} from '../../../src/host/failures.ts';
import {KnownHosts} from '../../../src/ssh/known-hosts/known-hosts.ts';
import {fingerprint, verifyHostKey} from '../../../src/ssh/known-hosts/verify.ts';
import type {HostKeyPolicy, SshSettings} from '../../../src/ssh/settings.ts';
import {parseTarget} from '../../../src/ssh/target.ts';
import {sshConfig} from '../config/open.ts';
import {noSsh} from '../openssh.ts';
import {makeHostKeys, type TestKey} from './keys.ts';

describe('known hosts', {skip: noSsh}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-known-'));
  after(() => rm(folder, {recursive: true, force: true}));
  const file = join(folder, 'known_hosts');
  let keys: [TestKey, TestKey, TestKey];
  let settings: SshSettings;
  before(async () => {
    keys = (await makeHostKeys(folder)) as [TestKey, TestKey, TestKey];
    const config = await sshConfig({file: 'none'});
    settings = {...(await config.resolve(parseTarget('web1:2222'))), userKnownHostsFiles: [file]};
  });
  const load = async (...lines: string[]) => {
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    return KnownHosts.load([file]);
  };
  const verify = (known: KnownHosts, key: Buffer, strictHostKeyChecking: HostKeyPolicy = 'ask') =>
    verifyHostKey({...settings, strictHostKeyChecking}, known, key);

  test('let a known key pass, and an unknown one be refused with its fingerprint and what to do', async () => {
    const known = await load(`[web1]:2222 ${keys[0].text}`);
    await verify(known, keys[0].key, 'yes');
    await assert.rejects(verify(await load(), keys[0].key), (error: HostKeyRejected) => {
      assert.ok(error instanceof HostKeyRejected);
      assert.equal(error.message, `web1: the host key is not known: ed25519 ${fingerprint(keys[0].key)}`);
      assert.match(error.hint ?? '', /--accept-new-host-keys, or ssh-keyscan -p 2222 web1/);
      return true;
    });
  });

  for (const policy of ['yes', 'ask', 'accept-new', 'no'] as const) {
    test(`refuse a changed key under StrictHostKeyChecking ${policy}, with file and line`, async () => {
      const known = await load('# mine', `other ${keys[1].text}`, `[web1]:2222 ${keys[0].text}`);
      const held = `ed25519 ${fingerprint(keys[0].key)}`;
      for (const {key} of [keys[1], keys[2]]) {
        await assert.rejects(verify(known, key, policy), (error: HostKeyRejected) => {
          assert.ok(error.message.startsWith(`web1: the host key has changed: ${file}:3 holds ${held}, `));
          assert.ok(error.message.endsWith(fingerprint(key)));
          assert.equal(error.hint, `if this is right: ssh-keygen -R '[web1]:2222' -f ${file}`);
          return true;
        });
      }
    });
  }

  test('refuse a revoked key even if another line knows it', async () => {
    const known = await load(`* ${keys[0].text}`, `@revoked * ${keys[0].text}`);
    await assert.rejects(verify(known, keys[0].key, 'no'), {
      message: `web1: the host key is revoked in ${file}:2: ed25519 ${fingerprint(keys[0].key)}`,
    });
  });

  test('take a plain key for none where only certificates are trusted', async () => {
    const known = await load(`@cert-authority * ${keys[1].text}`);
    await assert.rejects(verify(known, keys[0].key, 'accept-new'), {
      message: new RegExp(`^web1: ${file}:1 trusts certificates only`),
    });
  });

  test('take the key of the host for another port of it while nothing is known for that port', async () => {
    await verify(await load(`web1 ${keys[0].text}`), keys[0].key);
    await assert.rejects(verify(await load(`web1 ${keys[1].text}`), keys[0].key), {message: /is not known/});
  });

  test('look a HostKeyAlias up as it is, whatever the port', async () => {
    const known = await load(`fleet ${keys[0].text}`);
    await verifyHostKey({...settings, hostKeyAlias: 'fleet'}, known, keys[0].key);
  });

  test('learn a new key under accept-new, once, also when a hundred hosts come at once', async () => {
    const fresh = join(folder, 'new/known_hosts');
    const known = await KnownHosts.load([fresh]);
    const hosts = Array.from({length: 100}, (_, index) => `web${index % 50}`);
    await Promise.all(
      hosts.map((hostName, index) =>
        verifyHostKey(
          {
            ...settings,
            hostName,
            strictHostKeyChecking: 'accept-new',
            userKnownHostsFiles: [fresh],
            hashKnownHosts: index % 2 === 0,
          },
          known,
          keys[0].key,
        ),
      ),
    );
    const lines = (await readFile(fresh, 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 50);
    const again = await KnownHosts.load([fresh]);
    assert.deepEqual(again.warnings, []);
    for (const host of hosts) assert.equal(again.check({host, port: 2222}, keys[0].key).kind, 'known');
    assert.equal((await stat(fresh)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'new'))).mode & 0o777, 0o700);
  });

  test('do not spoil a last line without an end', async () => {
    await writeFile(file, `web2 ${keys[1].text}`);
    const known = await KnownHosts.load([file]);
    await verify(known, keys[0].key, 'accept-new');
    assert.equal(await readFile(file, 'utf8'), `web2 ${keys[1].text}\n[web1]:2222 ${keys[0].text}\n`);
  });

  test('keep nothing in /dev/null', async () => {
    const userKnownHostsFiles = ['/dev/null'];
    const known = await KnownHosts.load(userKnownHostsFiles);
    const wish = {...settings, userKnownHostsFiles, strictHostKeyChecking: 'no'} as const;
    await verifyHostKey(wish, known, keys[0].key);
    assert.equal(
      (await KnownHosts.load(userKnownHostsFiles)).check({host: 'web1', port: 2222}, keys[0].key).kind,
      'unknown',
    );
  });

  test('tell the types that are known, so that these are asked for', async () => {
    const known = await load(
      `[web1]:2222 ${keys[2].text}`,
      `[web1]:2222 ${keys[0].text}`,
      `@revoked * ${keys[1].text}`,
    );
    assert.deepEqual(known.keyTypesFor({host: 'web1', port: 2222}), ['ecdsa-sha2-nistp256', 'ssh-ed25519']);
    assert.deepEqual(known.keyTypesFor({host: 'web9', port: 22}), []);
  });

  test('pass over broken lines, and say which', async () => {
    const known = await load(
      'web1',
      'web1 ssh-ed25519',
      'web1 ssh-rsa AAAAnonsense',
      `@what web1 ${keys[0].text}`,
      `web2 ${keys[0].text}`,
    );
    assert.deepEqual(
      known.warnings,
      [1, 2, 3, 4].map((line) => `${file}:${line}: not a known host key`),
    );
    assert.equal(known.check({host: 'web2', port: 22}, keys[0].key).kind, 'known');
  });
});
