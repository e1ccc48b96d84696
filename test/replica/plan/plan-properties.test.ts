/** What is true of every plan. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {planReplication} from '../../../src/replica/plan/plan.ts';
import {lineageKey, lineageOf, type Source} from '../../../src/replica/plan/source.ts';
import {FRANKFURT, IRELAND, NOW, own, replicaOf} from './snapshots.ts';

const DAY_MS = 86_400_000;

const sources = fc
  .array(
    fc.record({
      volume: fc.constantFrom('vol-1', 'vol-2', 'vol-3'),
      bornIn: fc.constantFrom(IRELAND, FRANKFURT),
      day: fc.integer({min: 0, max: 6}),
      state: fc.constantFrom('completed', 'completed', 'pending', 'error'),
      isArchived: fc.boolean(),
    }),
    {maxLength: 25},
  )
  .map((all) =>
    all.map(({volume, bornIn, day, ...more}, index): Source => {
      const time = new Date(NOW - day * DAY_MS).toISOString();
      const id = `snap-${index.toString().padStart(2, '0')}`;
      return {...own(id, time, {...more, volume, region: bornIn}), region: IRELAND};
    }),
  );

/** Sources, and replicas of some of them. */
const world = sources.chain((all) =>
  fc.record({
    sources: fc.constant(all),
    replicas: fc
      .subarray(all)
      .chain((some) =>
        fc.tuple(
          ...some.map((one) =>
            fc
              .constantFrom('completed' as const, 'pending' as const, 'error' as const)
              .map((state) => replicaOf(one, `${one.id}-r`, {state})),
          ),
        ),
      ),
    nativeOnly: fc.boolean(),
  }),
);

describe('a plan', () => {
  test('has each volume once, and of it the newest that can be copied', () => {
    fc.assert(
      fc.property(world, ({sources, replicas, nativeOnly}) => {
        const {items} = planReplication(sources, replicas, {nativeOnly, nowMs: NOW});
        const keys = items.map(({source}) => keyOf(source));
        assert.equal(new Set(keys).size, keys.length);
        const good = sources.filter(
          ({state, isArchived, origin}) =>
            state === 'completed' && !isArchived && (!nativeOnly || origin.region === IRELAND),
        );
        assert.deepEqual(new Set(keys), new Set(good.map(keyOf)));
        for (const {source} of items) {
          const times = good.filter((one) => keyOf(one) === keyOf(source)).map(({origin}) => origin.timeMs);
          assert.equal(source.origin.timeMs, Math.max(...times));
        }
      }),
    );
  });

  test('depends on the order of neither list', () => {
    fc.assert(
      fc.property(world, fc.nat(), ({sources, replicas, nativeOnly}, turn) => {
        const options = {nativeOnly, nowMs: NOW};
        const turned = [...sources.slice(turn % 7), ...sources.slice(0, turn % 7)].reverse();
        assert.deepEqual(
          planReplication(turned, [...replicas].reverse(), options),
          planReplication(sources, replicas, options),
        );
      }),
    );
  });

  test('has nothing left to do once it is carried out', () => {
    fc.assert(
      fc.property(world, ({sources, replicas, nativeOnly}) => {
        const options = {nativeOnly, nowMs: NOW};
        const {items} = planReplication(sources, replicas, options);
        const made = items
          .filter(({action}) => action === 'copy')
          .map(({source}) => replicaOf(source, `${source.id}-new`));
        const adopted = items.flatMap(({action, replica}) => (action === 'adopt' ? [replica?.id] : []));
        const after = replicas.map((one) =>
          adopted.includes(one.id) ? {...one, state: 'completed' as const} : one,
        );
        const next = planReplication(sources, [...after, ...made], options);
        assert.deepEqual(
          next.items.map(({source, action, behindMs}) => [source.id, action, behindMs]),
          items.map(({source}) => [source.id, 'present', 0]),
        );
      }),
    );
  });

  test('puts first what has waited longest', () => {
    fc.assert(
      fc.property(world, ({sources, replicas, nativeOnly}) => {
        const {items} = planReplication(sources, replicas, {nativeOnly, nowMs: NOW});
        const times = items.map(({source}) => source.origin.timeMs);
        assert.deepEqual(
          times,
          [...times].sort((a, b) => a - b),
        );
      }),
    );
  });

  test('waits for or leaves only replicas of what it says', () => {
    fc.assert(
      fc.property(world, ({sources, replicas, nativeOnly}) => {
        const {items} = planReplication(sources, replicas, {nativeOnly, nowMs: NOW});
        for (const {source, action, replica} of items) {
          const own = replicas.find(({id}) => id === replica?.id);
          assert.equal(own === undefined, action === 'copy');
          if (own === undefined) continue;
          assert.equal(own.state, action === 'present' ? 'completed' : 'pending');
          assert.equal(own.origin.timeMs, source.origin.timeMs);
          assert.equal(keyOf(own), keyOf(source));
        }
      }),
    );
  });
});

function keyOf(source: Source): string {
  const lineage = lineageOf(source);
  assert.ok(lineage);
  return lineageKey(lineage);
}
