/** What rows say of a snapshot. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ageText} from '../../../src/words.ts';

test('an age is in minutes first, then in hours, and from two days on in days', () => {
  const minutes = [-3, 0, 59, 60, 47 * 60 + 59, 48 * 60, 93 * 24 * 60];
  assert.deepEqual(
    minutes.map((count) => ageText(count * 60_000)),
    ['0m', '0m', '59m', '1h', '47h', '2d', '93d'],
  );
});
