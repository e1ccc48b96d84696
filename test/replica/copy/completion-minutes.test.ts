/** How fast a time-based copy is asked for. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {completionMinutes} from '../../../src/replica/copy/completion-minutes.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('the minutes of a time-based copy', () => {
  test('are as many quarters of an hour as there are left', () => {
    const cases: [number, number, boolean][] = [
      [4 * HOUR_MS, 240, false],
      [4 * HOUR_MS - 1, 225, false],
      [15 * MINUTE_MS, 15, false],
      [15 * MINUTE_MS - 1, 15, true],
      [-HOUR_MS, 15, true],
      [100 * HOUR_MS, 2880, false],
    ];
    for (const [rpoMs, minutes, isLate] of cases)
      assert.deepEqual(completionMinutes(0, rpoMs, 0), {minutes, isLate}, `${rpoMs}`);
  });

  test('are what AWS takes, and meet the age that was asked for unless that is too late', () => {
    const ms = fc.integer({min: 0, max: 90 * 24 * HOUR_MS});
    fc.assert(
      fc.property(ms, ms, ms, (timeMs, rpoMs, nowMs) => {
        const {minutes, isLate} = completionMinutes(timeMs, rpoMs, nowMs);
        assert.ok(minutes >= 15 && minutes <= 2880 && minutes % 15 === 0);
        assert.equal(nowMs + minutes * MINUTE_MS > timeMs + rpoMs, isLate);
      }),
    );
  });
});
