/** A filesystem takes all of a device that has become larger. */
import assert from 'node:assert/strict';
import {statfs} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {growFilesystem, hasRoomToGrow} from '../../../src/disk/filesystem/grow.ts';
import {failureOf} from '../../host/failure-of.ts';
import {localHost, loopDevice, mounted, noDevices, run} from '../devices.ts';

const MIB = 1024 ** 2;

describe('growFilesystem', {skip: noDevices}, () => {
  const host = localHost();
  const made = async (type: string, mib: number): Promise<string> => {
    const device = await loopDevice(mib);
    await run(`mkfs.${type}`, '-q', device);
    return device;
  };
  const enlarge = async (device: string, mib: number): Promise<void> => {
    await run('truncate', '--size', `${mib}M`, await run('losetup', '-nO', 'BACK-FILE', device));
    await run('losetup', '--set-capacity', device);
  };

  test('of xfs works while it is mounted, and twice', async () => {
    const device = await made('xfs', 320);
    const mountPoint = await mounted(device);
    await enlarge(device, 640);
    await growFilesystem(host, device);
    await growFilesystem(host, device);
    assert.ok((await sizeOf(mountPoint)) > 500);
  });

  test('of ext4 works while it is not mounted', async () => {
    const device = await made('ext4', 64);
    assert.equal(await hasRoomToGrow(host, device), false);
    await enlarge(device, 128);
    assert.equal(await hasRoomToGrow(host, device), true);
    await growFilesystem(host, device);
    assert.equal(await hasRoomToGrow(host, device), false);
    assert.ok((await sizeOf(await mounted(device))) > 100);
  });

  test('says what has to be done for xfs, and what cannot grow', async () => {
    const [xfs, empty] = [await made('xfs', 320), await loopDevice()];
    const why = async (device: string) => (await failureOf(growFilesystem(host, device))).message;
    assert.equal(await why(xfs), `localhost: ${xfs} cannot grow: xfs grows only while it is mounted`);
    assert.equal(await why(empty), `localhost: ${empty} cannot grow: it holds no filesystem`);
  });
});

async function sizeOf(mountPoint: string): Promise<number> {
  const {blocks, bsize} = await statfs(mountPoint);
  return (blocks * bsize) / MIB;
}
