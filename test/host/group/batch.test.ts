import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {UsageError} from '../../../src/errors.ts';
import {type BatchSize, parseBatch, planBatches} from '../../../src/host/group/batch.ts';

describe('a batch', () => {
  test('is written as a number, a percentage or a list of both', () => {
    assert.deepEqual(parseBatch('5'), [{hosts: 5}]);
    assert.deepEqual(parseBatch('10%'), [{percent: 10}]);
    assert.deepEqual(parseBatch('1, 10%,50%'), [{hosts: 1}, {percent: 10}, {percent: 50}]);
  });

  for (const text of ['', '0', '0%', '101%', '-1', '5 hosts', '1,,2', '1.5']) {
    test(`is not '${text}'`, () => assert.throws(() => parseBatch(text), UsageError));
  }
});

describe('hosts in batches', () => {
  const sizesOf = (count: number, text: string) =>
    planBatches(Array.from({length: count}), parseBatch(text)).map(({length}) => length);

  test('are cut by the last size once the others are used up', () => {
    assert.deepEqual(sizesOf(10, '4'), [4, 4, 2]);
    assert.deepEqual(sizesOf(10, '1,3'), [1, 3, 3, 3]);
  });

  test('are a part of all, rounded down, and at least one', () => {
    assert.deepEqual(sizesOf(25, '10%'), [...Array.from({length: 12}, () => 2), 1]);
    assert.deepEqual(sizesOf(3, '10%'), [1, 1, 1]);
    assert.deepEqual(sizesOf(7, '100%'), [7]);
  });

  test('are one batch when no size is given, and none when there are no hosts', () => {
    assert.deepEqual(planBatches(['a', 'b'], []), [['a', 'b']]);
    assert.deepEqual(planBatches([], [{hosts: 2}]), []);
  });

  const size: fc.Arbitrary<BatchSize> = fc.oneof(
    fc.record({hosts: fc.integer({min: 1, max: 40})}),
    fc.record({percent: fc.integer({min: 1, max: 100})}),
  );

  test('are all there, once, in order, and no batch is larger than it may be', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.array(size, {maxLength: 4}), (count, sizes) => {
        const items = Array.from({length: count}, (_, index) => index);
        const batches = planBatches(items, sizes);
        assert.deepEqual(batches.flat(), items);
        for (const [index, batch] of batches.entries()) {
          const wanted = sizes[Math.min(index, sizes.length - 1)] ?? {percent: 100};
          const most = 'hosts' in wanted ? wanted.hosts : Math.max(1, (count * wanted.percent) / 100);
          assert.ok(batch.length > 0 && batch.length <= most);
        }
      }),
    );
  });
});
