/** Which volumes are snapshotted with which instance. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {InstanceId, VolumeId} from '../../src/ec2/ids.ts';
import type {Instance} from '../../src/ec2/instances.ts';
import {temporaryTags} from '../../src/ec2/scratch/temporary-tag.ts';
import type {Volume} from '../../src/ec2/volumes.ts';
import {type PlannedSet, type PlannedSkip, Planner, type PlanOptions} from '../../src/snapshot/plan.ts';

function instance(id: string, ...volumes: [string, string][]): Instance {
  return {
    id: id as InstanceId,
    state: 'running',
    type: 't3.micro',
    architecture: 'x86_64',
    zone: 'eu-west-1a',
    rootDevice: '/dev/sda1',
    tags: {},
    volumes: volumes.map(([volume, device]) => ({id: volume as VolumeId, device})),
  };
}

function planSets(all: readonly Instance[], volumes: ReadonlyMap<VolumeId, Volume>, options: PlanOptions) {
  const planner = new Planner(options);
  const planned = all.map((each) => planner.plan(each, volumes));
  return {
    sets: planned.filter((one): one is PlannedSet => !('reason' in one)),
    skips: planned.filter((one): one is PlannedSkip => 'reason' in one),
  };
}

const none = {excludeBoot: false, excludeDevices: []};
const unknown = new Map<VolumeId, Volume>();
const web = instance('i-web', ['vol-root', '/dev/sda1'], ['vol-data', '/dev/sdf']);

describe('a plan', () => {
  test('takes all volumes of an instance in one set, with their sizes', () => {
    const volumes = new Map([
      ['vol-data' as VolumeId, {id: 'vol-data' as VolumeId, sizeGiB: 7, tags: {}, attachedTo: []}],
    ]);
    const {sets, skips} = planSets([web], volumes, none);
    assert.deepEqual(skips, []);
    assert.deepEqual(
      sets.map(({volumes, excludeBoot, excludeVolumes}) => ({
        volumes: volumes.map(({id, sizeGiB}) => [id, sizeGiB]),
        excludeBoot,
        excludeVolumes,
      })),
      [
        {
          volumes: [
            ['vol-root', 0],
            ['vol-data', 7],
          ],
          excludeBoot: false,
          excludeVolumes: [],
        },
      ],
    );
  });

  test('names the root volume as boot volume when it is excluded by device, as EC2 wants', () => {
    const {sets} = planSets([web], unknown, {excludeBoot: false, excludeDevices: ['/dev/sda1']});
    assert.deepEqual([sets[0]?.excludeBoot, sets[0]?.excludeVolumes], [true, []]);
  });

  test('excludes data volumes by id', () => {
    const {sets} = planSets([web], unknown, {excludeBoot: false, excludeDevices: ['/dev/sdf']});
    assert.deepEqual([sets[0]?.excludeBoot, sets[0]?.excludeVolumes], [false, ['vol-data']]);
  });

  test('leaves out a volume that is there for a while only', () => {
    const id = 'vol-data' as VolumeId;
    const tags = temporaryTags({run: 'r', scratch: 'r/0123abcd', expiresMs: 0});
    const {sets} = planSets([web], new Map([[id, {id, sizeGiB: 7, tags, attachedTo: []}]]), none);
    assert.deepEqual([sets[0]?.volumes.map((one) => one.id), sets[0]?.excludeVolumes], [['vol-root'], [id]]);
  });

  test('takes a volume that several instances share once, with the first of them', () => {
    const a = instance('i-a', ['vol-a', '/dev/sda1'], ['vol-shared', '/dev/sdm']);
    const b = instance('i-b', ['vol-b', '/dev/sda1'], ['vol-shared', '/dev/sdm']);
    const {sets} = planSets([a, b], unknown, none);
    assert.deepEqual(
      sets.map((set) => [set.volumes.map(({id}) => id), set.excludeVolumes]),
      [
        [['vol-a', 'vol-shared'], []],
        [['vol-b'], ['vol-shared']],
      ],
    );
  });

  test('says why an instance is left out', () => {
    const shared = [instance('i-a', ['vol-s', '/dev/sdm']), instance('i-b', ['vol-s', '/dev/sdm'])];
    assert.match(planSets([instance('i-x')], unknown, none).skips[0]?.reason ?? '', /no EBS volume/);
    assert.match(planSets(shared, unknown, none).skips[0]?.reason ?? '', /with i-a/);
    const bootOnly = planSets([instance('i-y', ['vol-1', '/dev/sda1'])], unknown, {
      ...none,
      excludeBoot: true,
    });
    assert.match(bootOnly.skips[0]?.reason ?? '', /all its volumes are excluded/);
  });
});
