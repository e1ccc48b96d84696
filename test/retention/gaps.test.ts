/** How far apart the kept backups of a rule may lie. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {Item} from '../../src/retention/decide.ts';
import {TIERS, type Tier} from '../../src/retention/policy.ts';
import {backup, DAY, HOUR, rulesBy, trimmed} from './decided.ts';
import {ZONES} from './histories.ts';

/** The longest that a period can be, with the hour that clocks going back give a civil day. */
const LONGEST: Readonly<Record<Tier, number>> = {
  hourly: HOUR,
  daily: DAY + HOUR,
  weekly: 7 * DAY + HOUR,
  monthly: 31 * DAY + HOUR,
  quarterly: 92 * DAY + HOUR,
  yearly: 366 * DAY + HOUR,
};

describe('in what a rule keeps of a history with a backup in each of its periods', () => {
  for (const tier of TIERS) {
    test(`no gap is longer than two periods: ${tier}`, () => {
      const cases = fc.record({
        count: fc.integer({min: 2, max: 12}),
        zone: fc.constantFrom(...ZONES),
        endMs: fc.integer({min: Date.UTC(2012, 5, 1), max: Date.UTC(2032, 0, 1)}),
        jitters: fc.array(fc.integer({min: 0, max: 99}), {minLength: 100, maxLength: 100}),
      });
      fc.assert(
        fc.property(cases, ({count, zone, endMs, jitters}) => {
          const items = dense(LONGEST[tier], endMs, jitters);
          const kept = trimmed(items, rulesBy(`${tier}=${count}`, {zone, nowMs: endMs}));
          const times = kept.map(({timeMs}) => timeMs).slice(-count);
          assert.equal(times.length, count);
          for (const [index, timeMs] of times.slice(1).entries()) {
            assert.ok(timeMs - (times[index] ?? 0) <= 2 * LONGEST[tier]);
          }
        }),
      );
    });
  }
});

/** Five backups in the time of a period and one anywhere in each fifth, oldest first. */
function dense(periodMs: number, endMs: number, jitters: readonly number[]): Item[] {
  const stepMs = periodMs / 5;
  return jitters.map((jitter, index) => {
    const timeMs = Math.round(endMs - (jitters.length - 1 - index) * stepMs - (jitter / 100) * stepMs);
    return backup('', {id: `snap-${index}`, timeMs});
  });
}
