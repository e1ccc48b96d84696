import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import ssh2 from 'ssh2';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';

describe('a key pair that is made in memory', () => {
  test('signs with the private half what the public half verifies, 1000 times over', () => {
    for (let round = 0; round < 1000; round += 1) {
      const {privateKey, publicKey} = makeKeyPair('x'.repeat(round % 9));
      const [own, known] = [ssh2.utils.parseKey(privateKey.reveal()), ssh2.utils.parseKey(publicKey)];
      assert.ok(!(own instanceof Error) && !(known instanceof Error));
      const data = Buffer.from(`round ${round}`);
      const signature = own.sign(data);
      assert.ok(!(signature instanceof Error) && known.verify(data, signature) === true, publicKey);
    }
  });

  test('is read by OpenSSH', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ftask-key-'));
    t.after(() => rmSync(folder, {recursive: true}));
    const {privateKey, publicKey} = makeKeyPair('made for a test');
    const file = join(folder, 'key');
    writeFileSync(file, privateKey.reveal(), {mode: 0o600});
    assert.equal(execFileSync('ssh-keygen', ['-y', '-f', file], {encoding: 'utf8'}), `${publicKey}\n`);
  });

  test('does not print its private half', () => {
    assert.doesNotMatch(JSON.stringify(makeKeyPair('x')), /PRIVATE/);
  });
});
