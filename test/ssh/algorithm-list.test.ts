import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {algorithmList} from '../../src/ssh/algorithm-list.ts';

describe('a list of algorithms', () => {
  for (const [written, meant] of [
    [undefined, ['a-1', 'b-1']],
    ['c-1,a-1', ['c-1', 'a-1']],
    ['+c-1,a-1', ['a-1', 'b-1', 'c-1']],
    ['-a-*', ['b-1']],
    ['^c-*,b-1', ['c-1', 'c-2', 'b-1', 'a-1']],
    ['c-?', ['c-1', 'c-2']],
    ['unheard-of', []],
    ['unheard-of,b-1', ['b-1']],
  ] as const) {
    test(`written as ${written} is ${meant.join(',') || 'empty'}`, () => {
      assert.deepEqual(algorithmList(written, ['a-1', 'b-1', 'c-1', 'c-2'], ['a-1', 'b-1']), meant);
    });
  }
});
