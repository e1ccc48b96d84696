/** Which plans are refused. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {guard} from '../../../src/snapshot/trim/guards.ts';
import type {PlannedSnapshot} from '../../../src/snapshot/trim/plan.ts';
import {lineageOf, planned, planWith, SETTINGS} from './planned.ts';

const gone = (id: string) => planned(id, {verdict: 'delete'});
const failed = (id: string) => planned(id, {state: 'error', isHeld: true});
const pending = (id: string) => planned(id, {state: 'pending', isHeld: true});

function guarded(maxDeletePercent: number, ...snapshots: PlannedSnapshot[]): () => void {
  return () => guard(planWith([lineageOf(...snapshots)], {settings: {...SETTINGS, maxDeletePercent}}));
}

describe('a plan', () => {
  test('may delete as large a part as it was told, and no larger one', () => {
    const four = [gone('snap-1'), gone('snap-2'), planned('snap-3'), planned('snap-4')];
    guarded(50, ...four)();
    assert.throws(guarded(49, ...four), /2 of the 4 completed snapshots in eu-west-1 would be deleted/);
    assert.throws(guarded(0, ...four), /more than 0 percent/);
    guarded(0, planned('snap-1'))();
  });

  test('counts completed snapshots only', () => {
    const three = [gone('snap-1'), planned('snap-2'), pending('snap-3'), failed('snap-4')];
    guarded(50, ...three)();
    assert.throws(guarded(49, ...three), /1 of the 2 completed/);
  });

  test('is refused where all of a volume failed, and not while one may still complete', () => {
    assert.throws(guarded(50, failed('snap-1'), failed('snap-2')), /all 2 snapshots of vol-1 in eu-west-1/);
    guarded(50, failed('snap-1'), pending('snap-2'))();
    guarded(50, failed('snap-1'), planned('snap-2'))();
    guarded(50, pending('snap-1'))();
    guarded(50)();
  });
});
