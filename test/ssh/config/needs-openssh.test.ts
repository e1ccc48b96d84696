import assert from 'node:assert/strict';
import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {parseTarget} from '../../../src/ssh/target.ts';
import {sshConfig} from './open.ts';

describe('the transport that a configuration needs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-needs-'));
  after(() => rm(folder, {recursive: true, force: true}));
  const file = join(folder, 'config');
  const key = join(folder, 'id');

  const needs = async (...lines: string[]) => {
    await writeFile(file, lines.join('\n'));
    await chmod(file, 0o600);
    const config = await sshConfig({file, homeDir: folder, env: {}});
    return (await config.resolve(parseTarget('web1'))).needsOpenSsh;
  };

  test('is ssh2 for what is common', async () => {
    await writeFile(`${key}.pub`, 'ssh-ed25519 AAAA me');
    assert.deepEqual(
      await needs(
        `IdentityFile ${key}`,
        'ProxyJump gate',
        'KexAlgorithms +diffie-hellman-group14-sha1',
        'Ciphers ^aes256-gcm@openssh.com',
        'PreferredAuthentications publickey,gssapi-with-mic',
        'CertificateFile none',
        'RevokedHostKeys none',
        'HostbasedAuthentication no',
      ),
      [],
    );
  });

  for (const line of [
    'CertificateFile ~/.ssh/id-cert.pub',
    'PKCS11Provider /usr/lib/opensc.so',
    'RevokedHostKeys /etc/ssh/revoked',
    'KnownHostsCommand /usr/bin/keys %H',
    'HostbasedAuthentication yes',
    'ProxyUseFdpass yes',
    'BindInterface eth1',
    'PreferredAuthentications gssapi-with-mic,publickey',
  ]) {
    test(`is the system's ssh for ${line}`, async () => {
      assert.deepEqual(await needs('# first line', line, 'LogLevel INFO'), [`${line} (${file}:2)`]);
    });
  }

  for (const line of [
    'KexAlgorithms sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256',
    'MACs umac-128-etm@openssh.com',
    'HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com',
  ]) {
    test(`is the system's ssh for ${line}, which ssh2 has none of`, async () => {
      assert.deepEqual(await needs(line), [`ssh2 can do none of ${line} (${file}:1)`]);
    });
  }

  test("is the system's ssh for a key with a certificate beside it", async () => {
    await writeFile(`${key}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA me');
    assert.deepEqual(await needs(`IdentityFile ${key}`), [`a certificate: ${key}-cert.pub`]);
    assert.deepEqual(await needs(`IdentityFile ${key}`, 'PubkeyAuthentication no'), []);
    await rm(`${key}-cert.pub`);
  });

  test("is the system's ssh for a security key", async () => {
    await writeFile(`${key}.pub`, 'sk-ssh-ed25519@openssh.com AAAA me');
    assert.deepEqual(await needs(`IdentityFile ${key}`), [`a security key: ${key}`]);
  });

  test("is the system's ssh where known_hosts trusts an authority for the host", async () => {
    const known = join(folder, 'known_hosts');
    const authority = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHb0tuOtLE9pZ0B5hw2NHkVkLuZrF3hjmkwvhDjWMxyp';
    await writeFile(known, `@cert-authority web* ${authority}\n`);
    const line = `UserKnownHostsFile ${known}`;
    assert.deepEqual(await needs(line), [`host certificates are trusted (${known}:1)`]);
    assert.deepEqual(await needs(line, 'HostKeyAlias db1'), []);
  });
});
