/** What is looked at and cleared away before a snapshot is mounted on an instance that is there already. */
import assert from 'node:assert/strict';
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {RefusedError} from '../../../src/errors.ts';
import {checkMountPoint} from '../../../src/snapshot/mount/check-mount-point.ts';
import {folder, localHost, loopDevice, mounted, noDevices, run} from '../../disk/devices.ts';
import {failureOf} from '../../host/failure-of.ts';

describe('a mount point', {skip: noDevices}, () => {
  test('is cleared of a mount whose disk is gone', async () => {
    const mountPoint = await mountedExt4();
    const device = await run('findmnt', '--noheadings', '--output', 'SOURCE', mountPoint);
    await rm(device);
    try {
      await checkMountPoint(localHost(), mountPoint);
      assert.equal(await isMounted(mountPoint), false);
    } finally {
      await run('mknod', device, 'b', '7', device.replace('/dev/loop', ''));
    }
  });

  test('is refused while a disk is mounted there', async () => {
    const mountPoint = await mountedExt4();
    assert.ok((await failureOf(checkMountPoint(localHost(), mountPoint))) instanceof RefusedError);
    assert.equal(await isMounted(mountPoint), true);
  });

  test('keeps a mount that is of no disk at all', async () => {
    const mountPoint = join(await folder(), 'mnt');
    await mkdir(mountPoint);
    await run('mount', '-t', 'tmpfs', 'tmpfs', mountPoint);
    await checkMountPoint(localHost(), mountPoint);
    assert.equal(await isMounted(mountPoint), true);
  });
});

async function mountedExt4(): Promise<string> {
  const device = await loopDevice();
  await run('mkfs.ext4', '-q', device);
  return mounted(device);
}

async function isMounted(path: string): Promise<boolean> {
  return run('mountpoint', '--quiet', path).then(
    () => true,
    () => false,
  );
}
