import assert from 'node:assert/strict';
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {FtaskError} from '../../../src/errors.ts';
import {filesIn} from '../../../src/fleet/output/files.ts';

describe('the files of --outdir', () => {
  const folders: string[] = [];
  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ftask-outdir-'));
    folders.push(folder);
    return folder;
  };
  after(async () => {
    for (const folder of folders) await rm(folder, {recursive: true});
  });

  test('have their names only when a host has ended', async () => {
    const folder = join(await newFolder(), 'new');
    const files = await filesIn(folder);
    await files.take('web1', 'stdout', Buffer.from('a'));
    await files.take('web1', 'stdout', Buffer.from('b\n'));
    assert.ok((await readdir(folder)).every((name) => name.endsWith('.part')));
    await files.end({host: 'web1', code: 0, signal: null, seconds: 1});
    assert.deepEqual((await readdir(folder)).sort(), ['web1.code', 'web1.err', 'web1.out']);
    assert.equal(await readFile(join(folder, 'web1.out'), 'utf8'), 'ab\n');
    assert.equal(await readFile(join(folder, 'web1.code'), 'utf8'), '0\n');
  });

  test('tell why there is no exit code', async () => {
    const folder = await newFolder();
    const files = await filesIn(folder);
    await files.end({host: 'web1', code: null, signal: 'TERM', seconds: 1});
    await files.end({host: 'web2', code: null, signal: null, seconds: 1, error: 'web2: refused'});
    assert.equal(await readFile(join(folder, 'web1.code'), 'utf8'), 'ended by signal TERM\n');
    assert.equal(await readFile(join(folder, 'web2.code'), 'utf8'), 'web2: refused\n');
  });

  test('that cannot be written are one clear error', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    await assert.rejects(
      filesIn(file),
      (error) => error instanceof FtaskError && /--outdir .*EEXIST/.test(error.message),
    );
  });
});
