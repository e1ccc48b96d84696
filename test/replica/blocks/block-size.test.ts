import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {blockSizeFor} from '../../../src/replica/blocks/block-size.ts';

const GIB = 1024 ** 3;

describe('the blocks that devices are compared in', () => {
  test('are as small as what is written at once, while a small host bears that', () => {
    const sizes = [1, GIB, 16 * GIB, 16 * GIB + 1, 100 * GIB, 512 * GIB, 64 * 1024 * GIB].map(blockSizeFor);
    assert.deepEqual(
      sizes.map((size) => size / 1024),
      [4, 4, 4, 8, 32, 128, 128],
    );
  });

  test('cost at most a two-hundredth of the device in checksums', () => {
    const checksumBytes = 4 + 16;
    fc.assert(
      fc.property(fc.integer({min: GIB, max: 64 * 1024 * GIB}), (bytes) => {
        assert.ok((bytes / blockSizeFor(bytes)) * checksumBytes <= bytes / 200);
      }),
    );
  });
});
