import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {cutMessage} from '../../src/runner/item-message.ts';

const CASES: readonly [message: string, item: string, who: string, what: string][] = [
  ['web1: exit code 1\n  web1: no', 'web1', 'web1', 'exit code 1\n  web1: no'],
  ['web1:22: refused', 'web1', 'web1:22', 'refused'],
  ['web1 (10.0.0.7:22): refused', 'deploy@web1', 'deploy@web1 (10.0.0.7:22)', 'refused'],
  ['c:2222: refused', 'deploy@c:2222', 'deploy@c:2222', 'refused'],
  ['web10: refused', 'web1', 'web1', 'web10: refused'],
  ['web1 is gone: refused', 'web1', 'web1', 'web1 is gone: refused'],
  ['too fast', 'i-2', 'i-2', 'too fast'],
];

describe('cutMessage', () => {
  for (const [message, item, who, what] of CASES) {
    test(`cuts ${JSON.stringify(message)} of ${item}`, () => {
      assert.deepEqual(cutMessage(message, item), {who, what});
    });
  }
});
