/** Ten years of hourly and daily backups through fair and foul, with a trim after each. */
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {type Decision, decide, type Rules} from '../../src/retention/decide.ts';
import {DEFAULT_COUNTS, TIERS} from '../../src/retention/policy.ts';
import {reasonText} from '../../src/retention/reason.ts';
import {type Account, itemOf} from './simulation/account.ts';
import {LONGEST_MS, periodsAt} from './simulation/periods.ts';
import {simulate, type Years} from './simulation/simulate.ts';
import {Watch} from './simulation/watch.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/retention/ten-years.txt');
const TEN_YEARS = {fromMs: Date.UTC(2016, 0, 1), toMs: Date.UTC(2026, 0, 1)};
const POLICY = {kind: 'tiers', counts: DEFAULT_COUNTS} as const;
const RULES = {minKeep: 3, minAgeMs: 3_600_000, policyOf: () => POLICY} satisfies Partial<Rules>;

test('what is left of ten stormy years is what the golden file says; UPDATE=1 writes it', () => {
  const {account, decisions, deleted} = live({...TEN_YEARS, seed: 5}, 'UTC');
  const text = [`${account.taken} taken, ${deleted} deleted`, ...decisions.map(line).sort(), ''].join('\n');
  if (process.env['UPDATE']) writeFileSync(GOLDEN, text);
  assert.equal(text, readFileSync(GOLDEN, 'utf8'));
});

test('three stormy years in a zone with summer time break no promise either', () => {
  const {deleted} = live({fromMs: Date.UTC(2023, 0, 1), toMs: TEN_YEARS.toMs, seed: 6}, 'America/New_York');
  assert.ok(deleted > 10_000);
});

test('after ten years without a failure no two neighbours in a tier are two periods apart', () => {
  const {decisions} = live(TEN_YEARS, 'UTC');
  const times = decisions
    .filter(({item}) => item.lineage === 'database' && item.isBackup)
    .map(({item}) => item.timeMs)
    .sort((a, b) => a - b);
  const periods = periodsAt('UTC');
  const newest = periods(times.at(-1) ?? Number.NaN);
  TIERS.forEach((tier, index) => {
    const first = (newest[index] ?? 0) - DEFAULT_COUNTS[tier] + 1;
    const within = times.filter((time) => (periods(time)[index] ?? 0) >= first);
    const gaps = within.slice(1).map((time, at) => time - (within[at] ?? Number.NaN));
    assert.ok(gaps.length >= DEFAULT_COUNTS[tier] - 1, tier);
    assert.ok(Math.max(...gaps) < 2 * LONGEST_MS[tier], tier);
  });
});

test('a backup that has stopped eats no history, however long ago that was', () => {
  const {account} = live({fromMs: Date.UTC(2025, 0, 1), toMs: TEN_YEARS.toMs}, 'UTC');
  const deletedAt = (nowMs: number) => {
    const items = account.snapshots().map((snapshot) => itemOf(snapshot, nowMs));
    return decide(items, {nowMs, zone: 'UTC', ...RULES})
      .filter(({verdict}) => verdict === 'delete')
      .map(({item}) => item.id);
  };
  const afterTwoHours = deletedAt(TEN_YEARS.toMs + 2 * 3_600_000);
  for (const days of [1, 40, 400, 4000]) {
    assert.deepEqual(deletedAt(TEN_YEARS.toMs + days * 86_400_000), afterTwoHours);
  }
  assert.ok(afterTwoHours.length <= 1);
});

/** Lives through the years under watch. What is left at their end, and how many were deleted. */
function live(years: Years, zone: string) {
  const watch = new Watch({zone, counts: DEFAULT_COUNTS, ...RULES});
  let deleted = 0;
  let last: {account: Account; decisions: readonly Decision[]} | undefined;
  for (const {account, nowMs} of simulate(years)) {
    const items = account.snapshots().map((snapshot) => itemOf(snapshot, nowMs));
    const decisions = decide(items, {nowMs, zone, ...RULES});
    watch.check(account, decisions, nowMs);
    for (const {item, verdict} of decisions) {
      if (verdict === 'keep') continue;
      account.delete(item.id);
      deleted += 1;
    }
    last = {account, decisions: decisions.filter(({verdict}) => verdict === 'keep')};
  }
  assert.ok(last);
  return {...last, deleted};
}

function line({item, reasons}: Decision): string {
  const time = new Date(item.timeMs).toISOString().replace('.000Z', 'Z');
  return `${item.lineage.padEnd(11)} ${time} ${reasons.map(reasonText).join(', ')}`;
}
