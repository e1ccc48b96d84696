import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {emptyFolder, MAIN} from './ftask.ts';

describe('a working directory that is gone', () => {
  test('is told in one line, and needs not be there for what has no use for it', async () => {
    const folder = join(await emptyFolder(), 'gone');
    const run = async (word: string) => {
      await mkdir(folder, {recursive: true});
      const script = `rmdir "$PWD" && exec '${process.execPath}' '${MAIN}' ${word}`;
      return spawnSync('sh', ['-c', script], {cwd: folder, encoding: 'utf8'});
    };
    const {status, stderr} = await run('--list');
    assert.equal(status, 2);
    assert.match(stderr, /^ftask: the working directory does not exist any more\n {2}hint: [^\n]*\n$/);
    assert.equal((await run('--version')).status, 0);
  });
});
