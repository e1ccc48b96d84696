/** What may be said of snapshots, given what was planned and what the host proved. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {FreezePlan} from '../../../src/snapshot/consistency/plan-freeze.ts';
import {reachedOf, stoppedReached} from '../../../src/snapshot/consistency/reached.ts';
import type {Held} from '../../../src/snapshot/consistency/send-still.ts';

const plan: FreezePlan = {
  filesystems: [
    {mountPoint: '/', type: 'ext4', volumes: ['vol-root'], how: 'sync', why: 'it is the root'},
    {mountPoint: '/srv', type: 'xfs', volumes: ['vol-data'], how: 'freeze'},
    {mountPoint: '/cd', type: 'iso9660', volumes: ['vol-cd'], how: 'leave', why: 'it is mounted read-only'},
  ],
  best: new Map([
    ['vol-root', 'synced'],
    ['vol-data', 'frozen'],
    ['vol-cd', 'frozen'],
  ]),
  shortfalls: [],
  remarks: [],
};
const held = {frozen: ['/srv'], notFrozen: [], held: true, endedBy: 'us', ms: 132} as const;

describe('what is reached', () => {
  test('is what was planned when the freeze held', () => {
    const reached = reachedOf(plan, {report: held});
    assert.deepEqual(Object.fromEntries(reached.levels), {
      'vol-root': 'synced',
      'vol-data': 'frozen',
      'vol-cd': 'frozen',
    });
    assert.deepEqual(reached.shortfalls, []);
    assert.equal(reached.frozenMs, 132);
  });

  test('is less by what could not be frozen, and says why', () => {
    const report = {...held, frozen: [], notFrozen: [{mountPoint: '/srv', why: 'Device or resource busy'}]};
    const reached = reachedOf(plan, {report});
    assert.equal(reached.levels.get('vol-data'), 'synced');
    assert.deepEqual(reached.shortfalls, ['/srv was not frozen: Device or resource busy']);
    assert.equal(reached.frozenMs, undefined);
  });

  test('is as after a power cut when the freeze did not hold, but where nothing could be written', () => {
    const reached = reachedOf(plan, {
      report: {...held, held: false, endedBy: 'timeout'},
      lost: 'thawed by itself',
    });
    assert.deepEqual(Object.fromEntries(reached.levels), {
      'vol-root': 'crash',
      'vol-data': 'crash',
      'vol-cd': 'frozen',
    });
    assert.deepEqual(reached.shortfalls, ['thawed by itself']);
  });

  test('never is frozen without a host that says so', () => {
    const anything: fc.Arbitrary<Held> = fc.record(
      {
        report: fc.record({
          frozen: fc.subarray(['/srv', '/']),
          notFrozen: fc.constant([]),
          held: fc.boolean(),
          endedBy: fc.constantFrom('us', 'timeout', 'signal', 'end of file'),
          ms: fc.nat(),
        }),
        lost: fc.constant('why'),
      },
      {requiredKeys: []},
    );
    fc.assert(
      fc.property(anything, (how) => {
        const level = reachedOf(plan, how).levels.get('vol-data');
        const isProved = how.lost === undefined && how.report?.frozen.includes('/srv');
        assert.equal(level === 'frozen', isProved === true);
      }),
    );
  });
});

describe('what is reached of a stopped instance', () => {
  test('is frozen when it is still stopped', () => {
    const {levels, shortfalls} = stoppedReached(['vol-1'], {state: 'stopped', shared: new Map()});
    assert.deepEqual([...levels], [['vol-1', 'frozen']]);
    assert.deepEqual(shortfalls, []);
  });

  test('is nothing when it was started meanwhile', () => {
    const {levels, shortfalls} = stoppedReached(['vol-1'], {state: 'running', shared: new Map()});
    assert.equal(levels.size, 0);
    assert.deepEqual(shortfalls, ['it was stopped when it was listed, and is running now']);
  });

  test('is nothing on a volume that another instance may write to', () => {
    const shared = new Map([['vol-1', ['i-2']]]);
    const {levels, shortfalls} = stoppedReached(['vol-1', 'vol-2'], {state: 'stopped', shared});
    assert.deepEqual([...levels.values()], ['crash', 'frozen']);
    assert.deepEqual(shortfalls, ['vol-1 is attached to i-2 too, which is not frozen']);
  });
});
