/** However the process ends that has a lab's disks: no device stays, and all that was complete is there again. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {sweepDisks} from '../../../../src/lab/hardware/disks/sweep.ts';
import {noHardware} from '../lab-up.ts';
import {devicesLeft, devicesOf, type Keeper, openKeeper} from './keeper.ts';

const MIB = 2 ** 20;
const MOUNT = 'mkdir -p "$2"; mount "$1" "$2"';

describe('disks whose process is killed', {skip: noHardware}, () => {
  /** A filesystem with one file that was flushed, and where it is mounted. */
  async function mounted({call, folder}: Keeper, volumeId: string): Promise<string> {
    const place = join(folder, 'on');
    await call('createVolume', volumeId, 16 * MIB);
    await call('format', volumeId, 'ext4');
    await call('sh', MOUNT, await call('attach', volumeId), place);
    await call('sh', 'echo whole >"$1/file"; sync "$1/file"', place);
    return place;
  }

  async function fileOn({call, folder}: Keeper, volumeId: string): Promise<string> {
    const place = join(folder, 'on');
    await call('sh', MOUNT, await call('attach', volumeId), place);
    return call('sh', 'cat "$1/file"; umount "$1"', place);
  }

  test('leave no device, and are whole when they are opened again', async () => {
    const keeper = await openKeeper();
    await mounted(keeper, 'vol-killed');
    await keeper.call('createVolume', 'vol-idle', MIB);
    await keeper.call('attach', 'vol-idle');
    await keeper.kill();
    assert.deepEqual(await devicesLeft('vol-killed', 'vol-idle', keeper.folder), []);
    const again = await openKeeper(keeper.folder);
    assert.equal(await fileOn(again, 'vol-killed'), 'whole');
    await again.call('close');
  });

  for (const isForced of [false, true]) {
    const state = isForced ? 'frozen and detached by force' : 'frozen';
    test(`are swept when a filesystem was ${state}, and are whole`, async () => {
      const keeper = await openKeeper();
      const volumeId = `vol-frozen-${isForced}`;
      await keeper.call('sh', 'fsfreeze -f "$1"', await mounted(keeper, volumeId));
      if (isForced) await keeper.call('detach', volumeId, true);
      await keeper.kill();
      await delay(500);
      assert.notDeepEqual(await devicesOf(volumeId), [], 'the freeze holds the device');
      await sweepDisks(keeper.folder);
      assert.deepEqual(await devicesOf(volumeId, keeper.folder), []);
      const again = await openKeeper(keeper.folder);
      assert.equal(await fileOn(again, volumeId), 'whole');
      await again.call('close');
    });
  }

  test('are swept of leftovers by the next who opens them', async () => {
    const keeper = await openKeeper();
    await keeper.call('sh', 'fsfreeze -f "$1"', await mounted(keeper, 'vol-next'));
    await keeper.kill();
    const again = await openKeeper(keeper.folder);
    assert.equal(await fileOn(again, 'vol-next'), 'whole');
    await again.call('close');
  });

  test('have every set of snapshots whole or not at all, at whatever moment that was', async () => {
    let keeper = await openKeeper();
    for (const id of ['vol-a', 'vol-b']) {
      await keeper.call('createVolume', id, MIB);
      await keeper.call('attach', id);
    }
    for (let round = 0; round < 6; round += 1) {
      const answered: number[] = [];
      const working = work(keeper, round, answered);
      await delay(Math.random() * 150);
      await keeper.kill();
      await working;
      assert.deepEqual(await devicesLeft('vol-a', 'vol-b', `vol-r${round}`, keeper.folder), []);
      keeper = await openKeeper(keeper.folder);
      for (let set = 0; set <= answered.length; set += 1) {
        const ids = ['a', 'b'].map((volume) => `snap-r${round}-${set}-${volume}`);
        const has = await Promise.all(ids.map((id) => keeper.call('has', 'snapshot', id)));
        if (set < answered.length) assert.deepEqual(has, [true, true]);
        else assert.equal(has[0], has[1]);
      }
      const debris = 'cd "$1/store"; ls; find . -name "*.part"; find snapshots -type l';
      assert.equal(await keeper.call('sh', debris, keeper.folder), 'live\nsnapshots');
    }
    await keeper.call('close');
  });

  /** One of everything, again and again until the keeper dies. */
  async function work({call}: Keeper, round: number, answered: number[]): Promise<void> {
    try {
      for (let set = 0; ; set += 1) {
        const members = ['a', 'b'].map((volume) => ({
          snapshotId: `snap-r${round}-${set}-${volume}`,
          volumeId: `vol-${volume}`,
        }));
        await call('snapshot', members);
        answered.push(set);
        const volumeId = `vol-r${round}-${set}`;
        await call('createVolume', volumeId, 2 * MIB, `snap-r${round}-${set}-a`);
        await call('attach', volumeId);
        await call('detach', volumeId, set % 2 === 0);
        await call('deleteVolume', volumeId);
      }
    } catch {
      // The keeper is dead, as it should be.
    }
  }
});
