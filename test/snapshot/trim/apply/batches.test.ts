/** What is looked at together before it is deleted. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {batchesOf} from '../../../../src/snapshot/trim/apply/batches.ts';
import {type Candidate, setOf} from '../../../../src/snapshot/trim/rows.ts';
import {EU, lineageOf, planned} from '../planned.ts';

const candidates = fc
  .array(
    fc.record({
      timeMs: fc.integer({min: 0, max: 1000}),
      set: fc.option(fc.integer({min: 1, max: 30}), {nil: undefined}),
      isReplica: fc.boolean(),
    }),
    {maxLength: 200},
  )
  .map((all) => all.map(candidateOf));

function candidateOf(
  {timeMs, set, isReplica}: {timeMs: number; set: number | undefined; isReplica: boolean},
  index: number,
): Candidate {
  const own = {timeMs, verdict: 'delete' as const, ...(set !== undefined && {set: `set-${set}`})};
  const snapshot = planned(`snap-${index}`, own);
  return {region: EU, lineage: {...lineageOf(snapshot), isReplica}, snapshot};
}

describe('batches', () => {
  test('hold every candidate once, no set in two of them, and 25 unless a set is larger', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const batches = batchesOf(all);
        assert.deepEqual(new Set(batches.flat()), new Set(all));
        assert.equal(batches.flat().length, all.length);
        const sets = batches.flatMap((batch) => [...new Set(batch.map(setOf).filter(Boolean))]);
        assert.equal(new Set(sets).size, sets.length);
        for (const batch of batches) {
          assert.ok(batch.length > 0);
          assert.ok(batch.length <= 25 || new Set(batch.map(setOf)).size === 1);
        }
      }),
    );
  });

  test('begin with the newest', () => {
    const all = [1, 3, 2].map((timeMs, index) =>
      candidateOf({timeMs, set: undefined, isReplica: false}, index),
    );
    assert.deepEqual(
      batchesOf(all)[0]?.map(({snapshot}) => snapshot.timeMs),
      [3, 2, 1],
    );
  });
});
