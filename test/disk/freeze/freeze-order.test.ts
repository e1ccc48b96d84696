/** What is frozen before what. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {freezeOrder} from '../../../src/disk/freeze/freeze-order.ts';

test('a mount point comes after all that are mounted below it', () => {
  const steps = freezeOrder(['/', '/srv', '/srv/db/log', '/srv/db', '/data', '/srv-old', '/data']);
  assert.deepEqual(steps, [['/srv/db/log', '/data', '/srv-old'], ['/srv/db'], ['/srv'], ['/']]);
});

test('there may be none', () => {
  assert.deepEqual(freezeOrder([]), []);
});
