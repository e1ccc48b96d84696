/** A volume is found on its host, with all that uses it. Real devices and filesystems on this machine. */
import assert from 'node:assert/strict';
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {DeviceNotFound, type VolumeUse, volumeUses} from '../../src/disk/volume-device.ts';
import {scriptedHost} from '../../src/host/scripted.ts';
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
    const [device, letters] = [await loopDevice(), deviceLetters()];
    await makeNode(`/dev/xvd${letters}`, device);
    assert.equal((await useOf(`/dev/sd${letters}`)).device, device);
  });

  test('is the whole disk when the API names its first partition', async () => {
    const [device, letters] = [await loopDevice(), deviceLetters()];
    await writePartitions(device, [32]);
    await makeNode(`/dev/xvd${letters}`, device);
    await makeNode(`/dev/xvd${letters}1`, `${device}p1`);
    assert.equal((await useOf(`/dev/sd${letters}1`)).device, device);
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

describe('a volume of a host with udev', () => {
  /** As a Nitro instance answers, whose lsblk knows from udev what lies on a disk. */
  const ANSWER = `--- ftask: devices
{"blockdevices": [
  {"name": "nvme0n1", "kname": "nvme0n1", "maj:min": "259:0", "type": "disk", "serial": "vol0a", "fstype": null,
   "children": [
     {"name": "nvme0n1p1", "kname": "nvme0n1p1", "maj:min": "259:1", "type": "part", "serial": null, "fstype": "xfs"}]},
  {"name": "nvme1n1", "kname": "nvme1n1", "maj:min": "259:2", "type": "disk", "serial": "vol0b", "fstype": "zfs_member"}
]}
--- ftask: nodes
character special file 1:3 /dev/null
block special file 103:0 /dev/nvme0n1
block special file 103:1 /dev/nvme0n1p1
block special file 103:1 /dev/disk/by-label/x
block special file 103:2 /dev/nvme1n1
--- ftask: btrfs
--- ftask: mounts
25 1 259:1 / / rw,relatime shared:1 - xfs /dev/root rw,attr2
31 25 0:29 / /tank rw,relatime shared:9 - zfs tank rw,xattr
--- ftask: swaps
Filename				Type		Size		Used		Priority
/swapfile                               file		2097148		0		-2
`;
  const host = scriptedHost('web1', [[/lsblk/, ANSWER]]);

  test('has its root, whatever that is called in the table of mounts', async () => {
    const [use] = await volumeUses(host, [{volumeId: 'vol-0a', device: '/dev/xvda'}]);
    const root = {mountPoint: '/', type: 'xfs', device: '/dev/nvme0n1p1', isRoot: true, readOnly: false};
    assert.deepEqual([use?.mounts, use?.swap, use?.unreachable], [[root], false, []]);
  });

  test('says what writes to it by itself, as a pool of ZFS does', async () => {
    const [use] = await volumeUses(host, [{volumeId: 'vol-0b', device: '/dev/sdf'}]);
    assert.deepEqual([use?.mounts, use?.unreachable], [[], ['/dev/nvme1n1 is in use as zfs_member']]);
  });

  test('is looked at by a command that a dry run may run', async () => {
    await volumeUses(host, []);
    const {reads, sudo} = host.ran.at(-1) ?? {};
    assert.deepEqual([reads, sudo], [true, undefined]);
  });
});

/** Another name for a device, until the end of the file. */
async function makeNode(path: string, device: string): Promise<void> {
  const [major = '', minor = ''] = (await run('stat', '-c', '%t %T', device)).split(' ');
  await run('mknod', path, 'b', `0x${major}`, `0x${minor}`);
  atEnd(() => rm(path));
}
