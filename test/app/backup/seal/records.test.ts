/** Entries out of what a host tells of the files of a snapshot. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {entriesOf} from '../../../../src/app/backup/seal/records.ts';
import type {Entry} from '../../../../src/app/snapshot/contents.ts';

const HASH = 'a'.repeat(64);

async function entries(...records: string[]): Promise<Entry[]> {
  async function* told() {
    yield* records;
  }
  const found: Entry[] = [];
  for await (const entry of entriesOf(told(), {originals: new Map(), links: new Map()})) found.push(entry);
  return found;
}

describe('what a host tells of a snapshot', () => {
  test('becomes entries, whatever users, groups and files are called', async () => {
    const path = 'site/a\tb c\n';
    const [entry] = await entries(
      `f\tf\t5\t1.5\t-\t-\t${path}`,
      `h\t${HASH}\t-\t-\t-\t-\t${path}`,
      `o\t640\t1\t2\tann lee\tdomain users\t${path}`,
    );
    const original = {mode: '0640', uid: 1, gid: 2, owner: 'ann lee', group: 'domain users'};
    assert.deepEqual(entry, {path, type: 'file', ...original, size: 5, sha256: HASH, mtime: '1.5'});
  });

  test('has no entry for what was not copied', async () => {
    assert.deepEqual(await entries('o\t640\t1\t2\ta\tb\tsite/gone'), []);
  });

  test('is not believed when it lacks a file that was hashed', async () => {
    await assert.rejects(entries(`h\t${HASH}\t-\t-\t-\t-\tsite/a`), {
      code: 'NotListed',
      message: /^site\/a /,
    });
  });
});
