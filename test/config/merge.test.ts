import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {isDeepStrictEqual} from 'node:util';
import fc from 'fast-check';
import {isRawMap} from '../../src/config/layer.ts';
import {fromLeaves, leaves, merge, valueAt} from '../../src/config/merge.ts';

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.array(fc.nat(), {maxLength: 3}),
);
const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
const {map} = fc.letrec<{value: unknown; map: Record<string, unknown>}>((tie) => ({
  value: fc.oneof({depthSize: 'small'}, scalar, tie('map')),
  map: fc.array(fc.tuple(key, tie('value')), {maxLength: 4}).map((pairs) => Object.fromEntries(pairs)),
}));

describe('merging', () => {
  test('gives every key the value of the last layer that sets it', () => {
    fc.assert(
      fc.property(fc.array(map, {minLength: 1, maxLength: 5}), (layers) => {
        const merged = layers.reduce<unknown>(merge, {});
        for (const {path, value} of leaves(merged).filter((leaf) => leaf.path.length > 0)) {
          const last = layers.findLast((layer) => valueAt(layer, path) !== undefined);
          const set = valueAt(last, path);
          assert.ok(isDeepStrictEqual(value, set) || (set === null && isDeepStrictEqual(value, {})));
        }
      }),
    );
  });

  test('loses no value of the last layer but the nulls that stand for an empty map', () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const merged = merge(base, over);
        for (const {path, value} of leaves(over).filter((leaf) => leaf.path.length > 0)) {
          const kept = valueAt(merged, path);
          if ((value === null || isRawMap(value)) && isRawMap(kept)) continue;
          assert.deepEqual(kept, value);
        }
      }),
    );
  });

  test('changes neither of the two', () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const before = structuredClone([base, over]);
        merge(base, over);
        assert.deepEqual([base, over], before);
      }),
    );
  });

  test('with nothing gives the same, from either side', () => {
    fc.assert(
      fc.property(map, (layer) => {
        assert.deepEqual(merge(layer, {}), layer);
        assert.deepEqual(merge({}, layer), layer);
      }),
    );
  });

  test('puts leaves together again to the map that they are of', () => {
    fc.assert(fc.property(map, (layer) => assert.deepEqual(fromLeaves(leaves(layer)), layer)));
  });
});
