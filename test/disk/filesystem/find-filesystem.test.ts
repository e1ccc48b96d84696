import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {systemClock} from '../../../src/clock.ts';
import {chooseFilesystem, findFilesystem} from '../../../src/disk/filesystem/find-filesystem.ts';
import {linkById, localHost, loopDevice, noDevices, run, volumeId} from '../../disk/devices.ts';
import {writePartitions} from '../../disk/partitions.ts';

describe('the filesystem of a volume', {skip: noDevices}, () => {
  /** A volume whose partitions hold these, or that holds the first itself. */
  const volume = async (contents: readonly string[], isWhole = false) => {
    const device = await loopDevice(128);
    if (!isWhole)
      await writePartitions(
        device,
        contents.map(() => 30),
      );
    for (const [index, content] of contents.entries())
      if (content !== '') await run(...content.split(' '), isWhole ? device : `${device}p${index + 1}`);
    const id = volumeId();
    await linkById(id, device);
    return {volumeId: id, device: '/dev/sdz', node: device};
  };
  const find = (attached: {volumeId: string; device: string}, partition?: number) =>
    findFilesystem(localHost(), attached, {
      partition,
      clock: systemClock,
      signal: new AbortController().signal,
    });

  test('lies on the volume itself', async () => {
    const attached = await volume(['mkfs.ext4 -q'], true);
    assert.deepEqual(await find(attached), {device: attached.node, type: 'ext4'});
  });

  test('lies on its only partition that has one', async () => {
    const attached = await volume(['mkswap -q', 'mkfs.ext4 -q', '']);
    assert.deepEqual(await find(attached), {device: `${attached.node}p2`, type: 'ext4'});
  });

  test('is asked for when several partitions have one', async () => {
    const attached = await volume(['mkfs.ext4 -q -L root', 'mkfs.ext4 -q -L home']);
    await assert.rejects(find(attached), /has several filesystems: 1 \(ext4 "root"\), 2 \(ext4 "home"\)$/);
    assert.deepEqual(await find(attached, 2), {device: `${attached.node}p2`, type: 'ext4'});
  });

  test('is missing when there is none, and it is said what there is', async () => {
    await assert.rejects(find(await volume(['mkswap -q', ''])), /there is 1 \(swap\), 2 \(nothing\)$/);
    await assert.rejects(
      find(await volume(['mkfs.ext4 -q']), 7),
      /: partition 7 of vol-\w+ has no filesystem that can be mounted: there is 1 \(ext4\)$/,
    );
  });
});

describe('of several filesystems', () => {
  const root = {device: '/dev/nvme1n1p1', partition: 1, type: 'ext4'};
  const efi = {device: '/dev/nvme1n1p15', partition: 15, type: 'vfat'};

  test('what firmware boots from is not meant', () => {
    assert.equal(chooseFilesystem('vol-1', [root, efi], undefined).device, root.device);
  });

  test('what firmware boots from is taken when it is named, or alone', () => {
    assert.equal(chooseFilesystem('vol-1', [root, efi], 15).device, efi.device);
    assert.equal(chooseFilesystem('vol-1', [efi], undefined).device, efi.device);
  });
});
