import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {partsLinks} from '../../../src/replica/trees/hard-links.ts';

const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1', '2', '3'));

describe('hard links of the target that the source has not', () => {
  test('are two paths of one file there that are not of one file here', () => {
    fc.assert(
      fc.property(tree, tree, (ours, theirs) => {
        const paths = Object.keys(theirs);
        const isParted = paths.some(
          (one) =>
            ours[one] === undefined ||
            paths.some((other) => theirs[one] === theirs[other] && ours[one] !== ours[other]),
        );
        assert.equal(partsLinks(new Map(Object.entries(ours)), new Map(Object.entries(theirs))), isParted);
      }),
    );
  });
});
