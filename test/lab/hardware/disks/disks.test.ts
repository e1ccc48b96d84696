/** Volumes are real disks: they come, keep what was written on them, and go. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {noHardware} from '../lab-up.ts';
import {devicesLeft, devicesOf, type Keeper, openKeeper} from './keeper.ts';

const MIB = 2 ** 20;

describe("a lab's disks", {skip: noHardware}, () => {
  let keeper: Keeper;
  let call: Keeper['call'];
  before(async () => {
    keeper = await openKeeper();
    call = keeper.call;
  });

  /** Mounts a volume in a folder of its own, attached if it was not. */
  async function mount(volumeId: string): Promise<string> {
    const place = join(keeper.folder, `on-${volumeId}`);
    await call('sh', 'mkdir -p "$2"; mount "$1" "$2"', await call('attach', volumeId), place);
    return place;
  }

  async function formatted(volumeId: string): Promise<string> {
    await call('createVolume', volumeId, 16 * MIB);
    await call('format', volumeId, 'ext4', 'data');
    return mount(volumeId);
  }

  test('a volume is a disk of its size, the same one for who attaches it again', async () => {
    await call('createVolume', 'vol-size', 16 * MIB);
    const device = await call('attach', 'vol-size');
    assert.equal(await call('sh', 'blockdev --getsize64 "$1"', device), String(16 * MIB));
    assert.equal(await call('attach', 'vol-size'), device);
    await call('detach', 'vol-size');
    assert.deepEqual(await devicesOf('vol-size'), []);
  });

  test('to create a volume again leaves what is on it', async () => {
    const place = await formatted('vol-again');
    await call('sh', 'echo kept >"$1/file"; umount "$1"', place);
    await call('createVolume', 'vol-again', 16 * MIB);
    assert.equal(await call('sh', 'cat "$1/file"; umount "$1"', await mount('vol-again')), 'kept');
  });

  for (const [filesystem, mib] of [
    ['ext4', 16],
    ['xfs', 300],
  ] as const) {
    test(`a volume is formatted with ${filesystem} and a label`, async () => {
      const id = `vol-${filesystem}`;
      await call('createVolume', id, mib * MIB);
      await call('format', id, filesystem, 'data');
      const probe = 'blkid -p -o value -s TYPE -s LABEL "$1"';
      const said = await call('sh', probe, await call('attach', id));
      assert.deepEqual(said.split('\n').sort(), ['data', filesystem]);
    });
  }

  test('a detach waits for the last mount, and the disk works until then', async () => {
    const place = await formatted('vol-waits');
    let isDetached = false;
    const detached = call('detach', 'vol-waits').then(() => {
      isDetached = true;
    });
    await call('sh', 'echo written >"$1/file"; sync "$1/file"', place);
    assert.equal(isDetached, false);
    await call('sh', 'umount "$1"', place);
    await detached;
    assert.deepEqual(await devicesOf('vol-waits'), []);
    assert.equal(await call('sh', 'cat "$1/file"; umount "$1"', await mount('vol-waits')), 'written');
  });

  test('a forced detach gives I/O errors, and no write that was acknowledged is lost', async () => {
    const place = await formatted('vol-force');
    const waiting = call('detach', 'vol-force');
    const writer = call(
      'sh',
      'n=0; while n=$((n + 1)) && echo $n >>"$1/log" && sync "$1/log"; do echo $n; done 2>"$1.errors"',
      place,
    );
    await call('sh', 'until [ "$(tail -n 1 "$1/log")" -gt 20 ]; do :; done 2>/dev/null', place);
    await call('detach', 'vol-force', true);
    await waiting;
    const acknowledged = await writer;
    assert.match(await call('sh', 'cat "$1.errors"; umount "$1"', place), /Input\/output error/);
    const device = await call('attach', 'vol-force');
    assert.equal(await call('sh', 'blockdev --getsize64 "$1"', device), String(16 * MIB));
    const log = await call('sh', 'cat "$1/log"; umount "$1"', await mount('vol-force'));
    assert.equal(log.slice(0, acknowledged.length), acknowledged);
  });

  test('a disk that was taken away by force can come back while the old one is still mounted', async () => {
    const place = await formatted('vol-back');
    const device = await call('attach', 'vol-back');
    await call('sh', 'echo whole >"$1/file"; sync "$1/file"', place);
    await call('detach', 'vol-back', true);
    const back = await call('attach', 'vol-back');
    assert.notEqual(back, device);
    await call('sh', 'umount "$1"', place);
    assert.equal(await call('sh', 'cat "$1/file"; umount "$1"', await mount('vol-back')), 'whole');
  });

  test('a file becomes a snapshot, and a volume of it is as large as it shall be', async () => {
    const file = join(keeper.folder, 'image');
    await writeFile(file, 'the image');
    await call('importSnapshot', 'snap-image', file);
    await call('copySnapshot', 'snap-image', 'snap-copy');
    await call('createVolume', 'vol-image', MIB, 'snap-copy');
    const device = await call('attach', 'vol-image');
    assert.equal(await call('sh', 'head -c 9 "$1"; blockdev --getsize64 "$1"', device), `the image${MIB}`);
  });

  test('what does not exist can be deleted and detached', async () => {
    await call('deleteVolume', 'vol-none');
    await call('deleteSnapshot', 'snap-none');
    await call('detach', 'vol-none');
    assert.equal(await call('has', 'volume', 'vol-none'), false);
  });

  test('devices have nodes where /dev does not get them by itself', async () => {
    const own = await openKeeper();
    const bare = 'mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3; mknod /dev/urandom c 1 9';
    await own.call('sh', bare);
    await own.call('createVolume', 'vol-node', MIB);
    const device = await own.call('attach', 'vol-node');
    assert.equal(await own.call('sh', 'blockdev --getsize64 "$1"', device), String(MIB));
    await own.call('close');
  });

  test('after close no device and no mount is left, and all is there again when it is opened', async () => {
    const own = await openKeeper();
    await own.call('createVolume', 'vol-own', MIB);
    await own.call('snapshot', [{snapshotId: 'snap-own', volumeId: 'vol-own'}]);
    await own.call('attach', 'vol-own');
    await own.call('close');
    assert.deepEqual(await devicesOf('vol-own', own.folder), []);
    assert.equal(await own.call('sh', 'grep -c "$1" /proc/self/mounts || :', own.folder), '0');
    await own.kill();
    const again = await openKeeper(own.folder);
    assert.equal(await again.call('has', 'volume', 'vol-own'), true);
    assert.equal(await again.call('has', 'snapshot', 'snap-own'), true);
    await again.call('close');
    assert.deepEqual(await devicesLeft(own.folder), []);
  });
});
