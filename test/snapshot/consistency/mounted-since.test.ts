/** What a second look after the thaw takes back. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {withoutMountedSince} from '../../../src/snapshot/consistency/mounted-since.ts';
import type {FreezePlan, PlannedFilesystem} from '../../../src/snapshot/consistency/plan-freeze.ts';
import {reachedOf} from '../../../src/snapshot/consistency/reached.ts';

const srv: PlannedFilesystem = {mountPoint: '/srv', type: 'xfs', volumes: ['vol-srv'], how: 'freeze'};
const log: PlannedFilesystem = {mountPoint: '/log', type: 'ext4', volumes: ['vol-log'], how: 'freeze'};

const planOf = (...filesystems: PlannedFilesystem[]): FreezePlan => ({
  filesystems,
  best: new Map([
    ['vol-srv', 'frozen'],
    ['vol-log', 'frozen'],
  ]),
  shortfalls: [],
  remarks: [],
});

const reached = reachedOf(planOf(srv), {
  report: {frozen: ['/srv'], notFrozen: [], held: true, endedBy: 'us', ms: 80},
});

describe('what was mounted since a freeze was planned', () => {
  test('changes nothing when it is what it was', () => {
    assert.equal(withoutMountedSince(reached, planOf(srv, log), planOf(log, srv)), reached);
  });

  test('changes nothing when one was unmounted meanwhile', () => {
    assert.equal(withoutMountedSince(reached, planOf(srv, log), planOf(srv)), reached);
  });

  test('leaves its own volume as after a power cut, and says so', () => {
    const less = withoutMountedSince(reached, planOf(srv), planOf(srv, log));
    assert.deepEqual(Object.fromEntries(less.levels), {'vol-srv': 'frozen', 'vol-log': 'crash'});
    assert.deepEqual(less.shortfalls, ['/log of vol-log was mounted meanwhile and not frozen']);
  });

  test('counts another volume at the same place', () => {
    const less = withoutMountedSince(reached, planOf(srv), planOf({...srv, volumes: ['vol-log']}));
    assert.equal(less.levels.get('vol-log'), 'crash');
  });

  test('is no loss where nobody can write', () => {
    const readOnly: PlannedFilesystem = {...log, how: 'leave', why: 'it is mounted read-only'};
    assert.equal(withoutMountedSince(reached, planOf(srv), planOf(srv, readOnly)), reached);
  });
});
