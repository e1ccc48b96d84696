/** A server that runs no commands still takes and gives files. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import {TransferFailed} from '../../../src/host/failures.ts';
import {poolOf} from '../../ssh/pools.ts';
import {noSshd, notRoot, startSshd} from '../../ssh/sshd.ts';
import {failureOf} from '../failure-of.ts';
import {namesIn, newFolder} from './files.ts';

describe('a server with SFTP only', {skip: noSshd || notRoot}, async () => {
  const sshd = await startSshd({config: ['ForceCommand internal-sftp']});
  const pool = await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}));
  const settings = {signal: new AbortController().signal, timeoutMs: 60_000};
  const host = shellHost('web1', pool.to('web1'), settings);

  test('moves a file unchanged, with its mode', async () => {
    const folder = newFolder();
    const bytes = randomBytes(3_000_001);
    writeFileSync(join(folder, 'source'), bytes, {mode: 0o640});
    const sent = await host.put(join(folder, 'source'), `${folder}/a/b/`, {parents: true});
    const fetched = await host.get(join(folder, 'a/b/source'), join(folder, 'back'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual([sent.bytes, sent.sha256, fetched.sha256], [bytes.length, sha256, sha256]);
    assert.ok(readFileSync(join(folder, 'back')).equals(bytes));
    assert.deepEqual(
      ['a/b/source', 'back'].map((name) => statSync(join(folder, name)).mode & 0o777),
      [0o640, 0o640],
    );
    assert.deepEqual([namesIn(folder), namesIn(join(folder, 'a/b'))], [['a', 'back', 'source'], ['source']]);
  });

  test('replaces a file that is there', async () => {
    const folder = newFolder();
    for (const content of ['old', 'new']) await host.put({content}, join(folder, 'file'), {mode: 0o600});
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'new');
    assert.deepEqual(namesIn(folder), ['file']);
  });

  test('refuses what needs a shell, and what is not there', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'there'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const file = {content: ''};
    for (const [moved, message] of [
      [() => host.put(folder, join(folder, 'x')), /a folder needs a shell on the host/],
      [() => host.put(file, join(folder, 'x'), {sudo: true}), /sudo needs a shell/],
      [() => host.put(file, join(folder, 'x'), {owner: 'root'}), /an owner needs a shell/],
      [() => host.put(file, join(folder, 'no/x')), /there is no folder/],
      [() => host.put(file, join(folder, 'there')), /there is a folder/],
      [() => host.put(file, join(folder, 'pipe')), /pipe is a device, a pipe or a socket/],
      [() => host.get(join(folder, 'there'), join(folder, 'x')), /a folder needs a shell/],
      [() => host.get(join(folder, 'none'), join(folder, 'x')), /there is no .*none/],
    ] as const) {
      const error = await failureOf(moved());
      assert.ok(error instanceof TransferFailed, error.stack);
      assert.match(error.message, message);
    }
    assert.deepEqual(namesIn(folder), ['pipe', 'there']);
  });

  test('leaves nothing when it is interrupted', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'source'), randomBytes(9_000_000));
    for (const move of ['put', 'get'] as const) {
      const abort = new AbortController();
      // The first attempt, for a shell, sends no more than fits on the way.
      const onProgress = (bytes: number) => bytes > 7_000_000 && abort.abort(new Error('enough'));
      const options = {signal: abort.signal, onProgress};
      const error = await failureOf(host[move](join(folder, 'source'), join(folder, 'there'), options));
      assert.equal(error.message, 'enough');
      assert.deepEqual(namesIn(folder), ['source']);
    }
  });
});
