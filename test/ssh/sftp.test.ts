/** Files over SFTP, for servers that run no commands. */
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {createReadStream, createWriteStream} from 'node:fs';
import {mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {pipeline} from 'node:stream/promises';
import {before, describe, test} from 'node:test';
import type {FileService, Transport} from '../../src/host/transport.ts';
import {poolOf} from './pools.ts';
import {noSshd, startSshd} from './sshd.ts';

describe('files of a server that has nothing but SFTP', {skip: noSshd}, () => {
  let host: Transport;
  let files: FileService;
  let folder: string;
  before(async () => {
    const sshd = await startSshd({config: ['ForceCommand internal-sftp']});
    host = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
    files = (await host.sftp?.()) as FileService;
    folder = join(sshd.folder, 'files');
    await mkdir(folder);
  });

  test('arrive unchanged in both directions, whatever their size', async () => {
    for (const size of [0, 1, 32_767, 32_768, 32_769, 3_000_001]) {
      const content = randomBytes(size);
      const path = join(folder, `of ${size} bytes`);
      await files.write(path, 0o640, Readable.from([content]));
      assert.ok(content.equals(await readFile(path)), `${size} bytes written`);
      assert.equal((await stat(path)).mode & 0o777, 0o640);
      assert.ok(content.equals(await buffer(files.read(path))), `${size} bytes read`);
    }
  });

  test('that are big pass through with little memory', async () => {
    const source = join(folder, 'big');
    const [copy, back] = [join(folder, 'copy'), join(folder, 'back')];
    const megabyte = randomBytes(1024 * 1024);
    await writeFile(source, Readable.from(Array.from({length: 200}, () => megabyte)));
    const before = process.memoryUsage().arrayBuffers;
    await files.write(copy, 0o600, createReadStream(source));
    const peak = process.memoryUsage().arrayBuffers - before;
    await pipeline(files.read(copy), createWriteStream(back));
    assert.ok(peak < 64 * 1024 * 1024, `${peak} bytes`);
    const [expected, found] = await Promise.all([source, back].map(sha256));
    assert.equal(found, expected);
  });

  test('that have no size, as in /proc, are read to their end', async () => {
    const read = await buffer(files.read('/proc/self/status'));
    assert.match(read.toString(), /^Name:/);
  });

  test('may be read in part', async () => {
    const path = join(folder, 'part');
    await writeFile(path, randomBytes(10_000_000));
    for await (const chunk of files.read(path)) {
      assert.equal((chunk as Buffer).length > 0, true);
      break;
    }
    assert.equal((await files.stat(path))?.size, 10_000_000);
  });

  test('are told about', async () => {
    await writeFile(join(folder, 'known'), 'four', {mode: 0o604});
    assert.deepEqual(await files.stat(join(folder, 'known')), {size: 4, mode: 0o604, kind: 'file'});
    assert.equal((await files.stat(folder))?.kind, 'folder');
    assert.equal(await files.stat(join(folder, 'no such')), undefined);
  });

  test('take the place of others, and go', async () => {
    const [from, to] = [join(folder, 'new'), join(folder, 'old')];
    await writeFile(from, 'new');
    await writeFile(to, 'old');
    await files.rename(from, to);
    assert.equal(await readFile(to, 'utf8'), 'new');
    await files.remove(to);
    await files.makeFolder(to);
    assert.equal((await files.stat(to))?.kind, 'folder');
  });

  test('that are there are not written over', async () => {
    const path = join(folder, 'there');
    await writeFile(path, 'mine');
    await assert.rejects(files.write(path, 0o600, Readable.from(['yours'])), {
      name: 'TransferFailed',
      message: /^web1 \(127.0.0.1:\d+\): .*\/there: /,
    });
    assert.equal(await readFile(path, 'utf8'), 'mine');
  });

  test('that cannot be read or written are named', async () => {
    const missing = join(folder, 'no such');
    await assert.rejects(buffer(files.read(missing)), {
      name: 'TransferFailed',
      message: /no such: No such file/,
    });
    await assert.rejects(files.write(join(missing, 'file'), 0o600, Readable.from(['x'])), {
      name: 'TransferFailed',
    });
    await assert.rejects(files.write('/dev/full', 0o600, Readable.from(['x'])), {name: 'TransferFailed'});
  });

  test('fail with the error of a source that breaks', async () => {
    const broken = new Readable({read: () => void broken.destroy(new Error('broken source'))});
    await assert.rejects(files.write(join(folder, 'broken'), 0o600, broken), /broken source/);
  });

  test('fail at once when the connection is closed', async () => {
    const reading = files.read('/dev/zero');
    let error: unknown;
    reading.on('error', (failure) => {
      error = failure;
    });
    await new Promise((resolve) => reading.once('readable', resolve));
    await host.close();
    reading.resume();
    await new Promise((resolve) => reading.once('close', resolve));
    assert.equal((error as Error).name, 'ConnectionLost');
    assert.equal((await files.stat(folder))?.kind, 'folder', 'the next request connects anew');
  });
});

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
