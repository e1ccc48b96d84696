import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {manifestLine, parseManifestLine} from '../../../src/app/snapshot/manifest.ts';
import {paths} from './bytes.ts';

const digests = fc.stringMatching(/^[0-9a-f]{64}$/);
const HASH = 'a'.repeat(64);

describe('a line of the manifest', () => {
  test('gives path and digest back, whatever bytes the path has', () => {
    fc.assert(
      fc.property(paths, digests, (path, sha256) => {
        const line = manifestLine({path, sha256});
        assert.ok(!line.includes('\n'));
        assert.deepEqual(parseManifestLine(line), {path, sha256});
      }),
    );
  });

  test('is understood by sha256sum -c', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ftask-manifest-'));
    const names = [
      'plain',
      'two words',
      'a\\b',
      'a\nb',
      '\\',
      'sub/lat\xe9in',
      ' lead',
      '*star',
      'a\\nb',
      'a\rb\r',
    ];
    const lines: string[] = [];
    for (const path of names) {
      const file = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
      await mkdir(join(folder, dirname(path)), {recursive: true});
      await writeFile(file, path);
      lines.push(manifestLine({path, sha256: createHash('sha256').update(path).digest('hex')}));
    }
    const input = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
    const said = execFileSync('sha256sum', ['-c', '--strict'], {cwd: folder, input, encoding: 'latin1'});
    assert.equal(said.match(/: OK$/gm)?.length, names.length);
    await rm(folder, {recursive: true});
  });

  for (const path of ['../a', 'a/../b', './a', 'a//b', '/a', 'a/', '..']) {
    test(`may not lead to ${path}`, () => {
      assert.equal(parseManifestLine(`${HASH}  ./${path}`), undefined);
    });
  }

  test('is nothing else', () => {
    for (const line of ['', HASH, `${HASH} ./a`, `${HASH}  a`, `${HASH.slice(1)}  ./a`, `${HASH}  /a`])
      assert.equal(parseManifestLine(line), undefined, line);
  });
});
