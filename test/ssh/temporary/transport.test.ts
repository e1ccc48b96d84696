import assert from 'node:assert/strict';
import {appendFile, readFile} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {before, describe, test} from 'node:test';
import {AuthenticationFailed, HostKeyRejected} from '../../../src/host/failures.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {type TemporaryHost, temporaryTransport} from '../../../src/ssh/temporary/transport.ts';
import {atEnd} from '../at-end.ts';
import {runOn} from '../pools.ts';
import {noSshd, startSshd, type TestSshd} from '../sshd.ts';

describe('a temporary host', {skip: noSshd}, () => {
  const pair = makeKeyPair('ftask test');
  let sshd: TestSshd;
  let host: TemporaryHost;
  before(async () => {
    sshd = await startSshd();
    await appendFile(sshd.authorizedKeys, `${pair.publicKey}\n`);
    const [, , type, key] = /^(\S+) (\S+) (\S+)/m.exec(await readFile(sshd.knownHosts, 'utf8')) ?? [];
    host = {
      name: 'temporary host',
      address: '127.0.0.1',
      port: sshd.port,
      user: userInfo().username,
      privateKey: pair.privateKey,
      hostKey: `${type} ${key}`,
    };
  });
  const echo = async (to: TemporaryHost) => {
    const transport = temporaryTransport(to);
    atEnd(() => transport.close());
    return (await runOn(transport, 'echo in')).stdout;
  };

  test('is logged in to with the key in memory', async () => {
    assert.equal(await echo(host), 'in\n');
  });

  test('is refused when it presents another host key than the one made for it', async () => {
    await assert.rejects(echo({...host, hostKey: makeKeyPair('').publicKey}), (error) => {
      assert.ok(error instanceof HostKeyRejected);
      assert.match(error.message, /does not have the host key made for it/);
      return true;
    });
  });

  test('is offered no other key', async () => {
    await assert.rejects(echo({...host, privateKey: makeKeyPair('').privateKey}), (error) => {
      assert.ok(error instanceof AuthenticationFailed);
      assert.match(error.message, /offered: the key made for it/);
      return true;
    });
  });
});
