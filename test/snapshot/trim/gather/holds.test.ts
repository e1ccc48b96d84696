/** What is never deleted, whatever the policy says. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {holdsOf, UNUSED} from '../../../../src/snapshot/trim/gather/holds.ts';
import {listed, NOW} from '../planned.ts';

describe('a snapshot is held', () => {
  test('by its pin, whatever the value is, and by one of django_fabfile that has a value', () => {
    const holds = (tags: Record<string, string>) => holdsOf(listed('snap-1', {tags}), UNUSED, NOW);
    assert.deepEqual(holds({'ftask:pin': ''}), ['pinned by tag ftask:pin']);
    assert.deepEqual(holds({'ftask:pin': 'no'}), ['pinned by tag ftask:pin']);
    assert.deepEqual(holds({preserve_snapshot: 'yes'}), ['pinned by tag preserve_snapshot']);
    assert.deepEqual(holds({preserve_snapshot: ''}), []);
  });
});
