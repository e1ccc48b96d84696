/** A volume is found on its host, with all that uses it. Real devices and filesystems on this machine. */
import assert from 'node:assert/strict';
import {mkdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {DeviceNotFound, type VolumeUse, volumeUses} from '../../src/disk/volume-device.ts';
import {failureOf} from '../host/failure-of.ts';
import {atEnd} from '../ssh/at-end.ts';
import {
  deviceLetters,
  folder,
  linkById,
  localHost,
  loopDevice,
  mounted,
  noDevices,
  run,
  volumeId,
} from './devices.ts';
import {writePartitions} from './partitions.ts';

describe('a volume on its host', {skip: noDevices}, () => {
  const host = localHost();
  const useOf = async (device: string): Promise<VolumeUse> => {
    const [use] = await volumeUses(host, [{volumeId: volumeId(), device}]);
    assert.ok(use);
    return use;
  };

  test('is found by its link under /dev/disk/by-id, whatever the API calls its device', async () => {
    const [device, id] = [await loopDevice(), volumeId()];
    await linkById(id, device);
    const [use] = await volumeUses(host, [{volumeId: id, device: '/dev/sdf'}]);
    assert.deepEqual(use, {
      volumeId: id,
      device,
      mounts: [],
      swap: false,
      raid: [],
      holders: [],
      unreachable: [],
    });
  });

  test('is found by the number of its node under the name that Xen gives it', async () => {
    const device = await loopDevice();
    const letters = deviceLetters();
    const node = `/dev/xvd${letters}`;
    const [major, minor] = await numberOf(device);
    await run('mknod', node, 'b', major, minor);
    atEnd(() => rm(node));
    assert.equal((await useOf(`/dev/sd${letters}`)).device, device);
  });

  test('is missed by name, with the disks that are there', async () => {
    const [present, missing] = [await loopDevice(), volumeId()];
    const error = await failureOf(
      volumeUses(host, [
        {volumeId: volumeId(), device: present},
        {volumeId: missing, device: '/dev/sdzz'},
      ]),
    );
    assert.ok(error instanceof DeviceNotFound);
    assert.equal(error.message, `localhost: volume ${missing} (/dev/sdzz) has no device there`);
    assert.match(error.hint ?? '', new RegExp(`${present}(,|$)`));
  });

  test('has the filesystems of its partitions and its swap, in the order of the mount points', async () => {
    const device = await loopDevice(128);
    await writePartitions(device, [48, 32, 32]);
    await run('mkfs.ext4', '-q', `${device}p1`);
    await run('mkfs.ext4', '-q', `${device}p2`);
    await run('mkswap', `${device}p3`);
    const inner = await mounted(`${device}p1`);
    await mkdir(join(inner, 'a b'));
    await run('mount', '-o', 'ro', `${device}p2`, join(inner, 'a b'));
    const {mounts, swap} = await useOf(device);
    assert.deepEqual(mounts, [
      {mountPoint: inner, type: 'ext4', device: `${device}p1`, isRoot: false, readOnly: false},
      {mountPoint: join(inner, 'a b'), type: 'ext4', device: `${device}p2`, isRoot: false, readOnly: true},
    ]);
    assert.equal(swap, false);
    await run('umount', join(inner, 'a b'));
    await run('swapon', `${device}p3`);
    atEnd(async () => void (await run('swapoff', `${device}p3`)));
    const later = await useOf(device);
    assert.deepEqual([later.mounts.length, later.swap], [1, true]);
  });

  test('has a filesystem once that is mounted twice, by the place that shows all of it', async () => {
    const device = await loopDevice();
    await run('mkfs.ext4', '-q', device);
    const mountPoint = await mounted(device);
    const place = await folder();
    await mkdir(join(mountPoint, 'part'));
    await mkdir(join(place, 'bind'));
    await run('mount', '--bind', join(mountPoint, 'part'), join(place, 'bind'));
    assert.deepEqual(
      (await useOf(device)).mounts.map((one) => one.mountPoint),
      [mountPoint],
    );
    await run('umount', mountPoint);
    assert.deepEqual(
      (await useOf(device)).mounts.map((one) => one.mountPoint),
      [join(place, 'bind')],
    );
  });

  test('of a btrfs has it by each of its members and subvolumes', async () => {
    const [first, second] = [await loopDevice(128), await loopDevice(128)];
    await run('mkfs.btrfs', '-q', '-L', 'pair', first, second);
    const mountPoint = await mounted(first);
    await run('btrfs', 'subvolume', 'create', join(mountPoint, 'sub'));
    await mkdir(join(mountPoint, 'seen'));
    await run('mount', '-o', 'subvol=sub', first, join(mountPoint, 'seen'));
    for (const device of [first, second]) {
      const {mounts} = await useOf(device);
      assert.deepEqual(
        mounts.map((one) => [one.mountPoint, one.type, one.device]),
        [[mountPoint, 'btrfs', device]],
      );
    }
  });

  test('says which of its filesystems lies beneath another', async () => {
    const [below, above] = [await loopDevice(), await loopDevice()];
    await run('mkfs.ext4', '-q', below);
    await run('mkfs.ext4', '-q', above);
    const mountPoint = await mounted(below);
    await run('mount', above, mountPoint);
    const hidden = await useOf(below);
    assert.deepEqual(hidden.mounts, []);
    assert.deepEqual(hidden.unreachable, [`ext4 at ${mountPoint} lies beneath another mount`]);
    assert.deepEqual((await useOf(above)).unreachable, []);
  });
});

async function numberOf(device: string): Promise<[string, string]> {
  const {rdev} = await stat(device);
  return [String((rdev >> 8) & 0xfff), String((rdev & 0xff) | ((rdev >> 12) & 0xfff00))];
}
