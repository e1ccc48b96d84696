/** What is frozen for a snapshot, what only synced, and what is said of it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {MountedFilesystem} from '../../../src/disk/survey/mounted-filesystems.ts';
import type {VolumeUse} from '../../../src/disk/volume-device.ts';
import {
  type FreezePlan,
  type FreezeScope,
  planFreeze,
} from '../../../src/snapshot/consistency/plan-freeze.ts';

function mount(mountPoint: string, more: Partial<MountedFilesystem> = {}): MountedFilesystem {
  const isRoot = mountPoint === '/';
  return {mountPoint, type: 'ext4', device: `/dev/x${mountPoint}`, isRoot, readOnly: false, ...more};
}

function use(
  volumeId: string,
  mounts: readonly MountedFilesystem[] = [],
  more: Partial<VolumeUse> = {},
): VolumeUse {
  const nothing = {swap: false, raid: [], holders: [], unreachable: []};
  return {volumeId, device: `/dev/${volumeId}`, mounts, ...nothing, ...more};
}

/** All volumes are in the set, and vol-root is booted from, unless told otherwise. */
function plan(uses: readonly VolumeUse[], more: Partial<FreezeScope> = {}): FreezePlan {
  const set = uses.map(({volumeId}) => volumeId);
  return planFreeze({uses, set, bootVolume: 'vol-root', shared: new Map(), freezeRoot: false, ...more});
}

/** Mount points by what is done with them. */
function treated({filesystems}: FreezePlan): Record<string, string> {
  return Object.fromEntries(filesystems.map(({mountPoint, how}) => [mountPoint, how]));
}

const root = use('vol-root', [mount('/'), mount('/boot/efi', {type: 'vfat'})]);
const data = use('vol-data', [mount('/srv', {type: 'xfs'})]);

describe('the plan of a freeze', () => {
  test('freezes data and syncs the root, which is no failure', () => {
    const made = plan([root, data]);
    assert.deepEqual(treated(made), {'/': 'sync', '/boot/efi': 'sync', '/srv': 'freeze'});
    assert.deepEqual(
      [...made.best],
      [
        ['vol-root', 'synced'],
        ['vol-data', 'frozen'],
      ],
    );
    assert.deepEqual(made.shortfalls, []);
  });

  test('freezes the root where that is asked for; what boots the machine need not be able to', () => {
    const made = plan([root], {freezeRoot: true});
    assert.deepEqual(treated(made), {'/': 'freeze', '/boot/efi': 'sync'});
    assert.deepEqual(made.shortfalls, []);
  });

  test('calls a root that cannot be frozen though it was asked for less than that', () => {
    const made = plan([use('vol-root', [mount('/', {type: 'overlay'})])], {freezeRoot: true});
    assert.deepEqual(made.shortfalls, ['/ is only synced: overlay cannot be frozen']);
  });

  test('calls data that cannot be frozen less than was asked for', () => {
    const made = plan([use('vol-data', [mount('/win', {type: 'vfat'})])]);
    assert.deepEqual(made.shortfalls, ['/win is only synced: vfat cannot be frozen']);
    assert.equal(made.best.get('vol-data'), 'synced');
  });

  test('leaves alone what takes no writes, and what is not mounted', () => {
    const made = plan([use('vol-data', [mount('/cd', {readOnly: true, type: 'iso9660'})]), use('vol-spare')]);
    assert.deepEqual(treated(made), {'/cd': 'leave'});
    assert.deepEqual([...made.best.values()], ['frozen', 'frozen']);
  });

  test('mentions swap, which holds no data', () => {
    const made = plan([use('vol-swap', [], {swap: true})]);
    assert.deepEqual(made.remarks, ['vol-swap holds swap, which is left as it is']);
    assert.equal(made.best.get('vol-swap'), 'frozen');
  });

  test('promises nothing of a volume that is written to past all mount points', () => {
    const made = plan([
      use('vol-data', [mount('/srv')], {unreachable: ['/dev/sdf is in use as zfs_member']}),
    ]);
    assert.equal(made.best.get('vol-data'), 'crash');
    assert.deepEqual(made.shortfalls, ['vol-data cannot be frozen: /dev/sdf is in use as zfs_member']);
  });

  test('promises nothing of a volume that another instance has attached, too', () => {
    const made = plan([data], {shared: new Map([['vol-data', ['i-other']]])});
    assert.equal(made.best.get('vol-data'), 'crash');
    assert.deepEqual(made.shortfalls, ['vol-data is attached to i-other too, which is not frozen']);
  });

  test('freezes a filesystem on several volumes once, for all of them', () => {
    const both = [use('vol-a', [mount('/raid')]), use('vol-b', [mount('/raid')])];
    const made = plan(both);
    assert.deepEqual(
      made.filesystems.map(({mountPoint, volumes}) => [mountPoint, ...volumes]),
      [['/raid', 'vol-a', 'vol-b']],
    );
    assert.deepEqual(plan(both, {set: ['vol-a']}).remarks, ['/raid lies on vol-b too, which is left out']);
  });

  test('never promises more than is done, and says so of each volume', () => {
    const type = fc.constantFrom('ext4', 'xfs', 'btrfs', 'vfat', 'ntfs3', 'overlay');
    const mounts = fc.array(
      fc.record({at: fc.constantFrom('/', '/a', '/b', '/c'), type, readOnly: fc.boolean()}),
      {maxLength: 3},
    );
    const volumes = fc.dictionary(fc.constantFrom('vol-root', 'vol-1', 'vol-2', 'vol-3'), mounts);
    fc.assert(
      fc.property(
        volumes,
        fc.boolean(),
        fc.subarray(['vol-root', 'vol-1', 'vol-2']),
        (fleet, freezeRoot, set) => {
          const uses = Object.entries(fleet).map(([id, found]) =>
            use(
              id,
              found.map(({at, type, readOnly}) => mount(at, {type, readOnly})),
            ),
          );
          const known = set.filter((id) => id in fleet);
          const made = plan(uses, {set: known, freezeRoot});
          assert.deepEqual([...made.best.keys()], known);
          for (const [volume, best] of made.best) {
            const hows = made.filesystems.filter(({volumes}) => volumes.includes(volume)).map(({how}) => how);
            assert.equal(best, hows.includes('sync') ? 'synced' : 'frozen');
          }
          for (const {mountPoint, how, why, volumes} of made.filesystems) {
            assert.equal(how === 'freeze', why === undefined);
            assert.ok(volumes.every((volume) => known.includes(volume)));
            assert.ok(mountPoint !== '/' || how !== 'freeze' || freezeRoot);
          }
          const isAsked = ({mountPoint, volumes}: FreezePlan['filesystems'][number]) =>
            mountPoint === '/' ? freezeRoot : volumes.some((volume) => volume !== 'vol-root');
          const less = made.filesystems.filter((each) => each.how === 'sync' && isAsked(each));
          assert.equal(made.shortfalls.length, less.length);
        },
      ),
    );
  });
});
