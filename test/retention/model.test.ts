/** The rule of retention once more, as plainly as it can be said and as slowly, beside the real one. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {Item, Rules} from '../../src/retention/decide.ts';
import type {Policy, Tier} from '../../src/retention/policy.ts';
import {DAY, HOUR, keptIds} from './decided.ts';
import {histories, ruleSets} from './histories.ts';

describe('the kept set', () => {
  test('is that of a plain reading of the rule', () => {
    const options = {hasOthers: true, hasSets: true, hasFuture: true};
    const cases = ruleSets.chain((rules) => fc.tuple(histories(rules, options), fc.constant(rules)));
    fc.assert(
      fc.property(cases, ([items, rules]) => {
        assert.deepEqual(keptIds(items, rules).sort(), plainlyKept(items, rules).sort());
      }),
      {numRuns: 300},
    );
  });
});

function plainlyKept(items: readonly Item[], rules: Rules): string[] {
  const isCandidate = ({isBackup, timeMs}: Item): boolean => isBackup && timeMs <= rules.nowMs + 300_000;
  const kept = new Set(items.filter((item) => !isCandidate(item) || item.holds.length > 0));
  for (const lineage of new Set(items.map((item) => item.lineage))) {
    const backups = items
      .filter((item) => item.lineage === lineage && isCandidate(item))
      .sort((left, right) => right.timeMs - left.timeMs || (left.id < right.id ? -1 : 1));
    for (const item of keptOfLineage(backups, rules.policyOf(lineage), rules)) kept.add(item);
  }
  const sets = new Set([...kept].map(({set}) => set).filter((set) => set !== undefined));
  return items.filter((item) => kept.has(item) || sets.has(item.set ?? '')).map(({id}) => id);
}

function keptOfLineage(newestFirst: readonly Item[], policy: Policy, rules: Rules): Item[] {
  const kept = newestFirst.slice(0, rules.minKeep);
  kept.push(...newestFirst.filter(({timeMs}) => rules.nowMs - timeMs < rules.minAgeMs));
  const newest = newestFirst[0];
  const oldestMs = newestFirst.at(-1)?.timeMs ?? 0;
  const oldest = newestFirst.find(({timeMs}) => timeMs === oldestMs);
  if (!newest || !oldest) return [];
  for (const {count, periodOf} of periods(policy, rules.zone)) {
    const last = periodOf(newest.timeMs);
    for (let period = last; period > last - count; period -= 1) {
      kept.push(...newestFirst.filter(({timeMs}) => periodOf(timeMs) === period).slice(0, 1));
    }
    if (last - count + 1 < periodOf(oldest.timeMs)) kept.push(oldest);
  }
  return kept;
}

interface Periods {
  readonly count: number;
  readonly periodOf: (timeMs: number) => number;
}

function periods(policy: Policy, zone: string): Periods[] {
  if (policy.kind === 'tiers') {
    return Object.entries(policy.counts)
      .filter(([, count]) => count > 0)
      .map(([tier, count]) => ({count, periodOf: (timeMs) => tierPeriod(tier as Tier, timeMs, zone)}));
  }
  const lengths = Array.from({length: 40}, (_, power) => policy.unitMs * policy.base ** power);
  return lengths.map((length) => ({
    count: policy.base,
    periodOf: (timeMs) => Math.floor(timeMs / length),
  }));
}

function tierPeriod(tier: Tier, timeMs: number, zone: string): number {
  if (tier === 'hourly') return Math.floor(timeMs / HOUR);
  const date = civilDate(timeMs, zone);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (tier === 'yearly') return year;
  if (tier === 'quarterly') return year * 4 + Math.floor(month / 3);
  if (tier === 'monthly') return year * 12 + month;
  const day = date.getTime() / DAY;
  if (tier === 'daily') return day;
  const daysSinceMonday = (date.getUTCDay() + 6) % 7;
  return (day - daysSinceMonday - Date.UTC(2001, 0, 1) / DAY) / 7;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Midnight UTC of the date that a calendar on the wall shows in the zone. */
function civilDate(timeMs: number, zone: string): Date {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', {timeZone: zone});
  formats.set(zone, format);
  return new Date(`${format.format(timeMs)}T00:00Z`);
}
