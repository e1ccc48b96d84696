/** Which snapshots of an application retention keeps. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {ListedSnapshot} from '../../../src/app/keep/listing.ts';
import {guardPlan, planKeep} from '../../../src/app/keep/plan.ts';
import {snapshotName} from '../../../src/app/snapshot/name.ts';
import {decide} from '../../../src/retention/decide.ts';
import {parsePolicy} from '../../../src/retention/policy.ts';
import {policies} from '../../retention/histories.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-21T03:00:00Z');

function listed(timeMs: number, prefix = 'manual', pin?: string): ListedSnapshot {
  const name = snapshotName(prefix, timeMs);
  return {name, prefix, timeMs, parts: [name], ...(pin !== undefined && {pin})};
}

/** Whole seconds, as names know them; some beyond the clock that judges them. */
const histories = fc
  .uniqueArray(fc.integer({min: -60 * 86_400, max: 3 * 86_400}), {minLength: 1, maxLength: 60})
  .map((ages) => ages.map((age) => NOW + age * 1000));
const rules = fc.record({
  zone: fc.constantFrom('UTC', 'Europe/Berlin'),
  minKeep: fc.integer({min: 1, max: 4}),
  minAgeMs: fc.constantFrom(1, HOUR, DAY),
});

describe('retention of snapshots of applications', () => {
  test('never removes what was proved just now, nor what is pinned, however they are dated', () => {
    const cases = fc.record({
      times: histories,
      policy: policies,
      keep: rules,
      which: fc.nat(),
      pinned: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({times, policy, keep, which, pinned}) => {
        const pin = times[pinned % times.length];
        const all = times.map((time) => listed(time, 'manual', time === pin ? 'audit' : undefined));
        const proved = all[which % all.length]?.name ?? '';
        const {removed} = planKeep(all, {policy, keep, nowMs: NOW, proved});
        const names = removed.map(({snapshot}) => snapshot.name);
        assert.ok(!names.includes(proved));
        assert.ok(!removed.some(({snapshot}) => snapshot.pin !== undefined));
      }),
    );
  });

  test('keeps the newest of each prefix, and no prefix pushes out what is of another', () => {
    const cases = fc.record({times: histories, safety: histories, policy: policies, keep: rules});
    fc.assert(
      fc.property(cases, ({times, safety, policy, keep}) => {
        const planning = {policy, keep, nowMs: NOW, proved: ''};
        const own = times.map((time) => listed(time));
        const others = safety.map((time) => listed(time, 'pre-restore'));
        const together = planKeep([...own, ...others], planning);
        const apart = [planKeep(own, planning), planKeep(others, planning)];
        const names = (plans: readonly {removed: typeof together.removed}[]) =>
          plans.flatMap(({removed}) => removed.map(({snapshot}) => snapshot.name)).sort();
        assert.deepEqual(names([together]), names(apart));
        const gone = new Set(together.removed.map(({snapshot}) => snapshot));
        for (const all of [own, others]) {
          const newest = Math.max(...all.map(({timeMs}) => timeMs));
          assert.ok(all.some((one) => one.timeMs === newest && !gone.has(one)));
        }
      }),
    );
  });

  test('decides as for snapshots of volumes of the same times', () => {
    fc.assert(
      fc.property(histories, policies, rules, (times, policy, keep) => {
        const all = times.map((time) => listed(time));
        const items = all.map(({name: id, timeMs}) => ({
          id,
          lineage: 'vol-1',
          timeMs,
          isBackup: true,
          holds: [],
        }));
        const theirs = decide(items, {...keep, nowMs: NOW, policyOf: () => policy});
        const {removed} = planKeep(all, {policy, keep, nowMs: NOW, proved: ''});
        assert.deepEqual(
          removed.map(({snapshot}) => snapshot.name),
          theirs.flatMap(({item, verdict}) => (verdict === 'delete' ? [item.id] : [])),
        );
      }),
    );
  });

  test('tells why each stays or goes', () => {
    const times = [0, 1, 2, 30, 60].map((days) => NOW - days * DAY);
    const all = times.map((time, index) =>
      listed(time, 'manual', index === 4 ? 'before the audit' : undefined),
    );
    const policy = parsePolicy('daily=2');
    const keep = {zone: 'UTC', minKeep: 1, minAgeMs: 1};
    const plan = planKeep(all, {policy, keep, nowMs: NOW, proved: all[0]?.name ?? ''});
    const told = [...plan.kept, ...plan.removed].map(({snapshot, reasons}) => [
      snapshot.name.slice(7, 15),
      reasons.join('; '),
    ]);
    assert.deepEqual(told, [
      ['20261121', 'held: it is this backup; newest of day 2026-11-21; the newest; younger than 1ms'],
      ['20261120', 'newest of day 2026-11-20'],
      ['20260922', 'held: pinned: before the audit'],
      ['20261119', 'before the 2 days that are kept'],
      ['20261022', 'before the 2 days that are kept'],
    ]);
  });

  test('is refused where it would remove too large a part', () => {
    const all = [0, 1, 2, 3].map((days) => listed(NOW - days * DAY));
    const planning = {keep: {zone: 'UTC', minKeep: 1, minAgeMs: 1}, nowMs: NOW, proved: ''};
    const place = {shown: 'web1:/opt/backups/shop', rules: {maxDeletePercent: 50}};
    guardPlan(planKeep(all, {policy: parsePolicy('daily=2'), ...planning}), place);
    assert.throws(() => guardPlan(planKeep(all, {policy: parsePolicy('daily=1'), ...planning}), place), {
      code: 'TooManyRemovals',
      message:
        '3 of the 4 snapshots in web1:/opt/backups/shop would be removed, more than 50 percent; all stay',
    });
  });
});
