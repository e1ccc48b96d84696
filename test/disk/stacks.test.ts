/** What is built on volumes: LVM, dm-crypt, md. On a virtual machine whose disks say their volume, as on Nitro. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {DeviceNotEmpty} from '../../src/disk/filesystem/empty-device.ts';
import {growFilesystem} from '../../src/disk/filesystem/grow.ts';
import {makeFilesystem} from '../../src/disk/filesystem/make.ts';
import {DeviceNotFound, type VolumeUse, volumeUses} from '../../src/disk/volume-device.ts';
import {sh} from '../../src/host/command.ts';
import type {Host} from '../../src/host/host.ts';
import {failureOf} from '../host/failure-of.ts';
import {noMachine, startMachine} from './virtual-machine/virtual-machine.ts';

const SERIALS = ['vol0a', 'vol0b', 'vol0c', 'vol0d', 'vol0e', 'vol0f'];

describe('a stack of devices on volumes', {skip: noMachine}, () => {
  let host: Host;
  before(async () => {
    host = (await startMachine(SERIALS, 48)).host();
  });
  /** In the API their names say nothing. */
  const usesOf = (...ids: string[]): Promise<readonly VolumeUse[]> =>
    volumeUses(
      host,
      ids.map((volumeId) => ({volumeId, device: '/dev/sda1'})),
    );

  test('is not needed to find the volumes by their serial numbers', async () => {
    const uses = await usesOf('vol-0c', 'vol-0a');
    assert.deepEqual(
      uses.map(({volumeId, device}) => [volumeId, device]),
      [
        ['vol-0c', '/dev/nvme2n1'],
        ['vol-0a', '/dev/nvme0n1'],
      ],
    );
  });

  test('is no other volume for having its name', async () => {
    const error = await failureOf(volumeUses(host, [{volumeId: 'vol-0ff', device: '/dev/nvme0n1'}]));
    assert.ok(error instanceof DeviceNotFound);
  });

  test('of LVM with an encrypted volume is seen on each of its volumes, with what is mounted of it', async () => {
    await host.run(
      sh`set -e
vgcreate -q data-1 /dev/nvme0n1 /dev/nvme1n1
lvcreate -q -n files -l 100%FREE data-1
echo -n key | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /dev/data-1/files -
echo -n key | cryptsetup open --key-file - /dev/data-1/files plain
mkfs.ext4 -q /dev/mapper/plain
mkdir -p /mnt/plain
mount /dev/mapper/plain /mnt/plain`,
      {sudo: true},
    );
    for (const use of await usesOf('vol-0a', 'vol-0b')) {
      assert.deepEqual(use.holders, ['data--1-files', 'plain']);
      assert.deepEqual(use.mounts, [
        {mountPoint: '/mnt/plain', type: 'ext4', device: '/dev/mapper/plain', isRoot: false, readOnly: false},
      ]);
      assert.deepEqual([use.raid, use.swap, use.unreachable], [[], false, []]);
    }
    const error = await failureOf(makeFilesystem(host, '/dev/nvme1n1', {type: 'ext4'}));
    assert.ok(error instanceof DeviceNotEmpty);
    assert.match(error.message, /is not empty: data--1-files \(lvm\) is on it$/);
  });

  test('of md is seen on each of its members, with swap on it', async () => {
    await host.run(
      sh`set -e
mdadm --create /dev/md7 --run --quiet --metadata=1.0 --level=1 --raid-devices=2 /dev/nvme2n1 /dev/nvme3n1
mkswap /dev/md7
swapon /dev/md7`,
      {sudo: true},
    );
    for (const use of await usesOf('vol-0c', 'vol-0d'))
      assert.deepEqual([use.raid, use.holders, use.swap, use.mounts], [['md7'], [], true, []]);
    const error = await failureOf(makeFilesystem(host, '/dev/nvme2n1', {type: 'ext4'}));
    assert.match(error.message, /is not empty: md7 \(raid1\) is on it$/);
  });

  test('grows with an ext4 on it that is mounted', async () => {
    await host.run(
      sh`set -e
vgcreate -q grown /dev/nvme4n1 /dev/nvme5n1
lvcreate -q -n files -L 40M grown
mkfs.ext4 -q /dev/grown/files
mkdir -p /mnt/grown
mount /dev/grown/files /mnt/grown
lvextend -q -L 80M grown/files`,
      {sudo: true},
    );
    await growFilesystem(host, '/dev/mapper/grown-files');
    await growFilesystem(host, '/dev/mapper/grown-files');
    const {stdout} = await host.run(sh`df -m /mnt/grown | awk 'NR == 2 {print $2}'`);
    assert.ok(Number(stdout) > 60, stdout);
  });
});
