import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {pathsToPart} from '../../../src/replica/trees/hard-links.ts';

const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1', '2', '3'));

describe('hard links of the target that the source has not', () => {
  test('are parted by as few paths as it takes, so that what is left as one is one on the source', () => {
    fc.assert(
      fc.property(tree, tree, (ours, theirs) => {
        const parted = pathsToPart(new Map(Object.entries(ours)), new Map(Object.entries(theirs)));
        const left = Object.keys(theirs).filter((path) => !parted.includes(path));
        for (const one of left) {
          for (const other of left) {
            const isOne = one === other || theirs[one] !== theirs[other];
            assert.ok(isOne || (ours[one] !== undefined && ours[one] === ours[other]), `${one}, ${other}`);
          }
        }
        for (const path of parted) {
          const others = left.filter((other) => theirs[other] === theirs[path]);
          assert.ok(
            others.some((other) => ours[path] === undefined || ours[other] !== ours[path]),
            path,
          );
        }
      }),
    );
  });
});
