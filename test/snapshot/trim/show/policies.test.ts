/** By what a plan was made is said beside it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {policyLines} from '../../../../src/snapshot/trim/show/policies.ts';
import {lineage, plan, region} from './plans.ts';

function made(...policies: readonly string[]) {
  return plan(region(policies.map((policy) => lineage([], {policy}))));
}

test('each policy is told with how many volumes it is for, most first', () => {
  assert.deepEqual(policyLines(made('daily=7', 'weekly=2', 'daily=7')), [
    'policy: daily=7 (2 volumes)',
    'policy: weekly=2 (1 volume)',
  ]);
  assert.deepEqual(policyLines(made('daily=1', 'daily=2', 'daily=3', 'daily=4')).slice(3), [
    'policy: 1 other',
  ]);
  assert.deepEqual(policyLines(made()), []);
});

test('where days do not begin as in UTC, that is told, too', () => {
  const one = made('daily=7');
  const settings = {...one.settings, timeZone: 'Europe/Berlin'};
  assert.deepEqual(policyLines({...one, settings}), ['policy: daily=7 (1 volume, days of Europe/Berlin)']);
});
