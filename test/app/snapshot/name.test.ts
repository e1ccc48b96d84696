import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {
  isPrefix,
  momentOf,
  parseSnapshotName,
  partialName,
  snapshotName,
  timestampOf,
} from '../../../src/app/snapshot/name.ts';

const moments = fc.integer({min: 0, max: Date.UTC(9999, 11, 31)}).map((ms) => ms - (ms % 1000));
const prefixes = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,40}$/);

describe('the name of a snapshot', () => {
  test('gives its prefix and its moment back', () => {
    fc.assert(
      fc.property(prefixes, moments, (prefix, ms) => {
        const parsed = parseSnapshotName(snapshotName(prefix, ms));
        assert.deepEqual(parsed, {prefix, timestamp: timestampOf(ms)});
        assert.equal(momentOf(timestampOf(ms)), ms);
      }),
    );
  });

  test('sorts as the moments do', () => {
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        assert.equal(timestampOf(one) < timestampOf(other), one < other);
      }),
    );
  });

  for (const text of [
    'manual',
    'manual-20261121T190256',
    'manual-20261321T190256Z',
    '-20261121T190256Z',
    '.manual-20261121T190256Z',
    'a/b-20261121T190256Z',
    partialName('manual-20261121T190256Z'),
    'manual-20261121T190256Z.tar.gz',
  ]) {
    test(`is not ${text}`, () => assert.equal(parseSnapshotName(text), undefined));
  }

  test('begins with nothing that a program could take for an option or a hidden file', () => {
    for (const prefix of ['', '-a', '.a', 'a b', 'a/b', '..', 'a'.repeat(101)]) assert.ok(!isPrefix(prefix));
  });
});
