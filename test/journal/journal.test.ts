/** The journal keeps what it was told, whole, whoever else writes to it. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {RefusedError} from '../../src/errors.ts';
import {openJournal} from '../../src/journal/journal.ts';

const folder = await mkdtemp(join(tmpdir(), 'ftask-test-'));
after(() => rm(folder, {recursive: true, force: true}));

let files = 0;
function newFile(): string {
  files += 1;
  return join(folder, String(files), 'deep', 'journal.jsonl');
}

async function recordsOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'), 'the last line has an end');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Whether a write to /dev/full can be tried: Linux has it. */
const noFull = process.platform === 'linux' ? false : 'needs /dev/full';

describe('the journal', () => {
  test('is made with its folder, for its owner only, and grows by a line a record', async () => {
    const file = newFile();
    const journal = await openJournal(file);
    await journal.append({event: 'one', text: 'a\nb'});
    await journal.append({event: 'two'});
    assert.deepEqual(await recordsOf(file), [{event: 'one', text: 'a\nb'}, {event: 'two'}]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await journal.close();
    await journal.close();
    const again = await openJournal(file);
    await again.append({event: 'three'});
    await again.close();
    assert.equal((await recordsOf(file)).length, 3);
  });

  test('keeps all records that are added side by side, in their order', async () => {
    const file = newFile();
    const journal = await openJournal(file);
    const numbers = Array.from({length: 500}, (_, number) => number);
    await Promise.all(numbers.map((number) => journal.append({number})));
    await journal.close();
    assert.deepEqual(
      await recordsOf(file),
      numbers.map((number) => ({number})),
    );
  });

  test('begins a new line after one that was cut off', async () => {
    const file = newFile();
    await mkdir(join(file, '..'), {recursive: true});
    await writeFile(file, '{"event":"cut o');
    const journal = await openJournal(file);
    await journal.append({event: 'whole'});
    await journal.close();
    assert.equal(await readFile(file, 'utf8'), '{"event":"cut o\n{"event":"whole"}\n');
  });

  test('gets whole lines from several processes at once', async () => {
    const file = newFile();
    const writer = `
      import {openJournal} from ${JSON.stringify(join(import.meta.dirname, '../../src/journal/journal.ts'))};
      const journal = await openJournal(process.argv[1]);
      const text = 'x'.repeat(3000);
      for (let turn = 0; turn < 20; turn += 1)
        await Promise.all([0, 1, 2, 3, 4].map((number) => journal.append({pid: process.pid, turn, number, text})));
      await journal.close();`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', writer, file];
    await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)));
    assert.equal((await recordsOf(file)).length, 3 * 20 * 5);
  });

  test('refuses to be opened where nothing can be written, and says what to do', async () => {
    const file = newFile();
    await mkdir(join(file, '..', '..'), {recursive: true});
    await writeFile(join(file, '..'), 'no folder');
    await assert.rejects(openJournal(file), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.match(error.message, /^cannot write to the journal .*journal\.jsonl: /);
      assert.match(error.hint ?? '', /journal\.file/);
      return true;
    });
  });

  test('refuses its first record when the disk is full', {skip: noFull}, async () => {
    const journal = await openJournal('/dev/full');
    await assert.rejects(journal.append({event: 'one'}), RefusedError);
    await journal.close();
  });
});
