/** Random histories: bursts, gaps and ties at the edges of periods, of several lineages and in sets. */
import fc from 'fast-check';
import type {Item, Rules} from '../../src/retention/decide.ts';
import {type Policy, TIERS, type TierCounts} from '../../src/retention/policy.ts';
import {DAY, HOUR, MINUTE} from './decided.ts';

export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // clocks change by half an hour
  'Pacific/Apia', // had no 2011-12-30
  'America/Sao_Paulo', // clocks changed at midnight
  'Asia/Kathmandu', // 5:45 ahead
] as const;

export interface Histories {
  readonly lineages?: number;
  readonly hasOthers?: boolean;
  readonly hasSets?: boolean;
  readonly hasFuture?: boolean;
}

/** Midnights and other hours of twenty years, at which everything that follows hangs. */
export const nows: fc.Arbitrary<number> = fc
  .tuple(
    fc.integer({min: Date.UTC(2010, 0, 1) / HOUR, max: Date.UTC(2032, 0, 1) / HOUR}),
    fc.constantFrom(0, 1, -1, 29 * MINUTE),
  )
  .map(([hour, more]) => hour * HOUR + more);

export const policies: fc.Arbitrary<Policy> = fc.oneof(
  {weight: 3, arbitrary: tierPolicies()},
  {
    weight: 1,
    arbitrary: fc
      .record({
        base: fc.integer({min: 2, max: 5}),
        unitMs: fc.constantFrom(HOUR, 90 * MINUTE, 6 * HOUR, DAY, 7 * DAY),
      })
      .map((exponential): Policy => ({kind: 'exponential', ...exponential})),
  },
);

export const ruleSets: fc.Arbitrary<Rules> = fc
  .record({
    nowMs: nows,
    zone: fc.constantFrom(...ZONES),
    minKeep: fc.integer({min: 1, max: 4}),
    minAgeMs: fc.constantFrom(0, HOUR, 2 * DAY),
    policies: fc.array(policies, {minLength: 1, maxLength: 3}),
  })
  .map(({policies: some, ...rest}) => ({
    ...rest,
    policyOf: (lineage) => some[Number(lineage.split('-')[1]) % some.length] as Policy,
  }));

/** Items with ids in no order of their own, the times of which are told from the now of the rules. */
export function histories(rules: Rules, options: Histories = {}): fc.Arbitrary<Item[]> {
  const {lineages = 3, hasOthers = false, hasSets = false, hasFuture = false} = options;
  const item = fc.record({
    lineage: fc.integer({min: 0, max: lineages - 1}).map((number) => `vol-${number}`),
    timeMs: ages(hasFuture).map((age) => rules.nowMs - age),
    isBackup: hasOthers ? fc.constantFrom(true, true, true, false) : fc.constant(true),
    holds: hasOthers ? fc.constantFrom([], [], [], [], ['used by ami-1']) : fc.constant([]),
    set: hasSets ? fc.constantFrom(undefined, undefined, 'set-1', 'set-2', 'set-3') : fc.constant(undefined),
    id: fc.integer({min: 0, max: 2 ** 31}).map((number) => `snap-${number.toString(16)}`),
  });
  return fc.uniqueArray(item, {minLength: 1, maxLength: 80, selector: ({id}) => id}).map(withoutUndefined);
}

/** How old something is: some number of minutes, hours, days, weeks or months, give or take a millisecond. */
export function ages(hasFuture = false): fc.Arbitrary<number> {
  return fc
    .tuple(
      fc.constantFrom(MINUTE, HOUR, HOUR, DAY, DAY, 7 * DAY, 30 * DAY, 365 * DAY),
      fc.integer({min: hasFuture ? -3 : 0, max: 40}),
      fc.constantFrom(0, 0, 1),
    )
    .map(([unit, amount, more]) => Math.min(unit * amount, 12 * 365 * DAY) + more);
}

function tierPolicies(): fc.Arbitrary<Policy> {
  const count = fc.oneof(fc.constant(0), fc.integer({min: 1, max: 12}));
  const counts = fc.record(Object.fromEntries(TIERS.map((tier) => [tier, count])));
  return counts
    .filter((some) => Object.values(some).some((number) => number > 0))
    .map((some) => ({kind: 'tiers', counts: some as TierCounts}));
}

function withoutUndefined(items: readonly (Omit<Item, 'set'> & {set: string | undefined})[]): Item[] {
  return items.map(({set, ...item}) => (set === undefined ? item : {...item, set}));
}
