import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {RsyncOutput} from '../../../../src/replica/trees/rsync/output.ts';

const SAID = [
  '*deleting   old\n',
  '.d..t...... ./\n',
  '<f+++++++++ Number of files: 7\n',
  '\r              0   0%    0.00kB/s    0:00:00  ',
  '\r      160464896  51%   76.54MB/s    0:00:01  ',
  '\nfile has vanished: "/srv/gone"\n',
  'hf+++++++++ b => a\n',
  '\r      314572800  99%   83.32MB/s    0:00:03 (xfr#1, to-chk=0/301)\n',
  '\nNumber of files: 302 (reg: 301, dir: 1)\nNumber of created files: 1\nNumber of deleted files: 1\n',
  'Number of regular files transferred: 1\nTotal file size: 314573892 bytes\n',
  'Total transferred file size: 314572800 bytes\nLiteral data: 314572800 bytes\nMatched data: 0 bytes\n',
  'File list size: 0\nFile list generation time: 0.001 seconds\nTotal bytes sent: 4979\nTotal bytes received: 19\n',
  '\nsent 4979 bytes  received 19 bytes  9996.00 bytes/sec\ntotal size is 314573892  speedup is 62939.95\n',
  'rsync warning: some files vanished before they could be transferred (code 24) at main.c(1338) [sender=3.2.7]\n',
].join('');

async function read(chunks: readonly string[]) {
  const told: number[] = [];
  const output = new RsyncOutput((bytes) => told.push(bytes));
  await output.read(Readable.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1'))));
  return {output, told};
}

describe('what rsync says', () => {
  test('is told apart: changes, complaints, statistics, progress', async () => {
    const {output, told} = await read([SAID]);
    assert.equal(output.changes, 4);
    assert.deepEqual(output.changed, [
      '*deleting   old',
      '.d..t...... ./',
      '<f+++++++++ Number of files: 7',
      'hf+++++++++ b => a',
    ]);
    assert.deepEqual(output.complaints, [
      'file has vanished: "/srv/gone"',
      'rsync warning: some files vanished before they could be transferred (code 24) at main.c(1338) [sender=3.2.7]',
    ]);
    assert.equal(output.stats?.files, 302);
    assert.equal(output.stats?.sentBytes, 4979);
    assert.deepEqual(told, [314_572_800]);
  });

  test('means the same wherever it is cut into pieces', async () => {
    const {output: whole} = await read([SAID]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({max: SAID.length}), {maxLength: 20}), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), SAID.length];
        const chunks = places.slice(1).map((place, index) => SAID.slice(places[index], place));
        const {output, told} = await read(chunks);
        assert.deepEqual(
          [output.changes, output.changed, output.complaints, output.stats],
          [whole.changes, whole.changed, whole.complaints, whole.stats],
        );
        assert.equal(told.at(-1), 314_572_800);
      }),
    );
  });

  test('has no statistics before its end', async () => {
    const {output} = await read([SAID.slice(0, SAID.indexOf('Total bytes sent'))]);
    assert.equal(output.stats, undefined);
  });

  test('is kept in part when it is a million complaints: the first and the last', async () => {
    const lines = Array.from({length: 10_000}, (_, index) => `rsync: complaint ${index}\n`);
    const {output} = await read(lines);
    assert.equal(output.complaints.length, 100);
    assert.equal(output.complaints[0], 'rsync: complaint 0');
    assert.equal(output.complaints.at(-1), 'rsync: complaint 9999');
  });
});
