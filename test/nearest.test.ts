import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {nearestName} from '../src/nearest.ts';

describe('the nearest name', () => {
  const names = ['trim_snapshots', 'backup_instance', 'backup_instances_by_tag', 'region'];

  for (const [typed, meant] of [
    ['trim_snapshot', 'trim_snapshots'],
    ['trim-snapshots', 'trim_snapshots'],
    ['Trim_Snapshots', 'trim_snapshots'],
    ['backup_instances', 'backup_instance'],
    ['regoin', 'region'],
    ['rgion', 'region'],
    ['restore', undefined],
    ['x', undefined],
  ] as const) {
    test(`of "${typed}" is ${meant ?? 'none'}`, () => assert.equal(nearestName(typed, names), meant));
  }

  test('forgives one slip in the shortest names', () => {
    assert.equal(nearestName('nam', ['name', 'value']), 'name');
    assert.equal(nearestName('ec', ['ec2']), 'ec2');
  });
});
