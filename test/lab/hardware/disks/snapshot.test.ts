/** A snapshot has the blocks that are on the disks at one instant, and nothing that is not. */
import assert from 'node:assert/strict';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {noHardware} from '../lab-up.ts';
import {type Keeper, openKeeper} from './keeper.ts';

const MIB = 2 ** 20;
// Nothing is written back by itself while a test runs.
const MOUNT = 'mkdir -p "$2"; mount -o commit=600 "$1" "$2"';

describe('a snapshot', {skip: noHardware}, () => {
  let keeper: Keeper;
  let call: Keeper['call'];
  before(async () => {
    keeper = await openKeeper();
    call = keeper.call;
  });

  /** An ext4 with a file that was flushed and one that was not. */
  async function halfWritten(volumeId: string): Promise<string> {
    await call('createVolume', volumeId, 16 * MIB);
    await call('format', volumeId, 'ext4');
    const place = join(keeper.folder, `on-${volumeId}`);
    await call('sh', MOUNT, await call('attach', volumeId), place);
    await call('sh', 'echo a >"$1/flushed"; sync "$1/flushed"; echo b >"$1/not-flushed"', place);
    return place;
  }

  /** The device of a new volume with a snapshot's blocks. */
  async function restored(snapshotId: string): Promise<string> {
    const volumeId = `vol-of-${snapshotId}`;
    await call('createVolume', volumeId, 16 * MIB, snapshotId);
    return call('attach', volumeId);
  }

  async function hasJournalToReplay(device: string): Promise<boolean> {
    return (await call('sh', 'dumpe2fs -h "$1" 2>&1', device)).includes('needs_recovery');
  }

  /** Mounts it and tells which files it has. */
  async function filesOn(device: string): Promise<string[]> {
    const list = 'mkdir -p "$2"; mount "$1" "$2"; ls "$2"; umount "$2"';
    return (await call('sh', list, device, join(keeper.folder, 'look'))).split('\n');
  }

  test('of a filesystem in use has a journal to replay, and lacks what was not flushed', async () => {
    await halfWritten('vol-crash');
    await call('snapshot', [{snapshotId: 'snap-crash', volumeId: 'vol-crash'}]);
    const device = await restored('snap-crash');
    assert.equal(await hasJournalToReplay(device), true);
    assert.deepEqual(await filesOn(device), ['flushed', 'lost+found']);
  });

  test('of a frozen filesystem is clean and whole, with no journal to replay', async () => {
    const place = await halfWritten('vol-frozen');
    await call('sh', 'fsfreeze -f "$1"', place);
    await call('snapshot', [{snapshotId: 'snap-frozen', volumeId: 'vol-frozen'}]);
    await call('sh', 'fsfreeze -u "$1"; echo c >"$1/later"; sync "$1/later"', place);
    const device = await restored('snap-frozen');
    assert.equal(await hasJournalToReplay(device), false);
    await call('sh', 'e2fsck -fn "$1"', device);
    assert.deepEqual(await filesOn(device), ['flushed', 'lost+found', 'not-flushed']);
  });

  test('of several volumes is of one instant', async () => {
    const names = ['log', 'index', 'data'];
    const devices: string[] = [];
    for (const name of names) {
      await call('createVolume', `vol-${name}`, MIB);
      devices.push(await call('attach', `vol-${name}`));
    }
    const writer = countOn(devices);
    for (let take = 1; take <= 10; take += 1) {
      await call(
        'snapshot',
        names.map((name) => ({snapshotId: `snap-${name}-${take}`, volumeId: `vol-${name}`})),
      );
    }
    const written = await writer.stop();
    let before = 0;
    for (let take = 1; take <= 10; take += 1) {
      const counts: number[] = [];
      for (const name of names) counts.push(await countOf(await restored(`snap-${name}-${take}`)));
      const [first = 0, , last = 0] = counts;
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
        `what is written first is there first`,
      );
      assert.ok(first - last <= 1, `${counts}: each count is on all disks before the next begins`);
      assert.ok(first >= before && first <= written);
      before = first;
    }
    assert.ok(before > 0, 'it was taken while the writer wrote');
  });

  test('keeps its blocks when the volume is written to and deleted', async () => {
    await call('createVolume', 'vol-gone', MIB);
    const device = await call('attach', 'vol-gone');
    const write = 'printf "$2" | dd of="$1" conv=notrunc,fsync status=none';
    await call('sh', write, device, 'then');
    await call('snapshot', [{snapshotId: 'snap-gone', volumeId: 'vol-gone'}]);
    await call('sh', write, device, 'now!');
    await call('detach', 'vol-gone');
    await call('deleteVolume', 'vol-gone');
    assert.equal(await call('sh', 'head -c 4 "$1"', await restored('snap-gone')), 'then');
  });

  test('is gone when it is deleted at once', async () => {
    await call('createVolume', 'vol-short', MIB);
    await call('snapshot', [{snapshotId: 'snap-short', volumeId: 'vol-short'}]);
    await call('deleteSnapshot', 'snap-short');
    assert.equal(await call('has', 'snapshot', 'snap-short'), false);
  });

  test('of a volume that does not exist fails, and makes none of the set', async () => {
    await call('createVolume', 'vol-there', MIB);
    const set = ['vol-there', 'vol-missing'].map((volumeId) => ({
      snapshotId: `snap-of-${volumeId}`,
      volumeId,
    }));
    await assert.rejects(call('snapshot', set), /vol-missing/);
    assert.equal(await call('has', 'snapshot', 'snap-of-vol-there'), false);
    await call('snapshot', set.slice(0, 1));
    assert.equal(await call('has', 'snapshot', 'snap-of-vol-there'), true);
  });
});

/** Writes 1, 2, 3 on each disk in turn, flushed before it goes on to the next disk. */
function countOn(devices: readonly string[]): {stop(): Promise<number>} {
  let isStopped = false;
  const counting = (async () => {
    const disks = await Promise.all(devices.map((device) => open(device, 'r+')));
    const block = Buffer.alloc(512);
    let count = 0;
    while (!isStopped) {
      count += 1;
      block.writeUInt32LE(count);
      for (const disk of disks) {
        await disk.write(block, 0, block.length, 0);
        await disk.datasync();
      }
    }
    await Promise.all(disks.map((disk) => disk.close()));
    return count;
  })();
  return {
    stop: () => {
      isStopped = true;
      return counting;
    },
  };
}

async function countOf(device: string): Promise<number> {
  const disk = await open(device, 'r');
  try {
    const {buffer} = await disk.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.readUInt32LE();
  } finally {
    await disk.close();
  }
}
