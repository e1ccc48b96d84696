/** The part of the blocks that is compared. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {sampled} from '../../../src/replica/verify/sample.ts';

async function sampleOf(indexes: readonly number[], percent: number, seed: string): Promise<number[]> {
  async function* items() {
    for (const index of indexes) yield {index};
  }
  const chosen: number[] = [];
  for await (const {index} of sampled(items(), percent, seed)) chosen.push(index);
  return chosen;
}

const someIndexes = fc
  .uniqueArray(fc.nat(33_554_432), {minLength: 1, maxLength: 200})
  .map((indexes) => indexes.sort((a, b) => a - b));

describe('a sample', () => {
  test('of 100 % is all there is', async () => {
    await fc.assert(
      fc.asyncProperty(someIndexes, fc.string(), async (indexes, seed) => {
        assert.deepEqual(await sampleOf(indexes, 100, seed), indexes);
      }),
    );
  });

  test('has at least one, none twice, and none that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(
        someIndexes,
        fc.string(),
        fc.double({min: 0.001, max: 100, noNaN: true}),
        async (indexes, seed, percent) => {
          const chosen = await sampleOf(indexes, percent, seed);
          assert.ok(chosen.length >= 1);
          assert.equal(new Set(chosen).size, chosen.length);
          assert.ok(chosen.every((index) => indexes.includes(index)));
        },
      ),
    );
  });

  test('is of about the size that was asked for, in every stretch of the volume', async () => {
    const indexes = Array.from({length: 100_000}, (_, index) => index);
    for (const percent of [1, 5, 50]) {
      const chosen = await sampleOf(indexes, percent, 'run');
      for (let start = 0; start < 100_000; start += 20_000) {
        const count = chosen.filter((index) => index >= start && index < start + 20_000).length;
        assert.ok(Math.abs(count / 200 - percent) < percent / 2, `${count} of 20,000 at ${percent} %`);
      }
    }
  });

  test('is another for another seed', async () => {
    const indexes = Array.from({length: 1000}, (_, index) => index);
    const seeds = Array.from({length: 50}, (_, index) => `run-${index}`);
    const samples = await Promise.all(seeds.map(async (seed) => String(await sampleOf(indexes, 1, seed))));
    assert.equal(new Set(samples).size, seeds.length);
  });
});
