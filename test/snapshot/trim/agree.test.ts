/** What two plans agree on. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {agree} from '../../../src/snapshot/trim/agree.ts';
import type {TrimPlan} from '../../../src/snapshot/trim/plan.ts';
import {candidatesOf} from '../../../src/snapshot/trim/rows.ts';
import {lineageOf, planned, planWith} from './planned.ts';

const verdicts = fc.dictionary(
  fc.integer({min: 1, max: 20}).map((number) => `snap-${number}`),
  fc.constantFrom('keep' as const, 'delete' as const),
);

function planBy(record: Readonly<Record<string, 'keep' | 'delete'>>): TrimPlan {
  return planWith([lineageOf(...Object.entries(record).map(([id, verdict]) => planned(id, {verdict})))]);
}

function deletes(plan: TrimPlan): string[] {
  return candidatesOf(plan).map(({snapshot}) => snapshot.id);
}

describe('an earlier plan and one of now', () => {
  test('delete what both delete; all else that the earlier one deletes stays with a reason, or is gone', () => {
    fc.assert(
      fc.property(verdicts, verdicts, (before, now) => {
        const {plan, stays, gone} = agree(planBy(before), planBy(now));
        const wanted = Object.keys(before).filter((id) => before[id] === 'delete');
        assert.deepEqual(deletes(plan).sort(), wanted.filter((id) => now[id] === 'delete').sort());
        assert.deepEqual(stays.map(({id}) => id).sort(), wanted.filter((id) => now[id] === 'keep').sort());
        assert.equal(gone, wanted.filter((id) => now[id] === undefined).length);
      }),
    );
  });

  test('of two accounts agree on nothing', () => {
    const before = planBy({'snap-1': 'delete'});
    assert.throws(() => agree(before, {...before, account: '999999999999'}), /is for account 123456789012/);
    assert.throws(() => agree(before, {...before, account: ''}), /there are no snapshots here/);
    const idle = planBy({'snap-1': 'keep'});
    assert.throws(() => agree(idle, {...idle, account: '999999999999'}), /is for account 123456789012/);
  });

  test('leave a set whole that has grown in between', () => {
    const before = planWith([lineageOf(planned('snap-1', {verdict: 'delete', set: 'set-1'}))]);
    const now = planWith(
      ['snap-1', 'snap-2'].map((id) => lineageOf(planned(id, {verdict: 'delete', set: 'set-1'}))),
    );
    const {plan, stays} = agree(before, now);
    assert.deepEqual(deletes(plan), []);
    const reason = 'of one set with snap-2, which is not in the plan that is applied';
    assert.deepEqual(
      stays.map((one) => [one.id, one.reason]),
      [['snap-1', reason]],
    );
  });

  test('say of one that is none of ours any more why it stays', () => {
    const before = planBy({'snap-1': 'delete'});
    const [region] = before.regions;
    assert.ok(region);
    const other = {id: 'snap-1' as never, reason: 'of AWS Backup'};
    const now = {...before, regions: [{...region, lineages: [], others: [other]}]};
    assert.deepEqual(agree(before, now).stays, [
      {id: 'snap-1', region: region.region, reason: 'of AWS Backup'},
    ]);
  });
});
