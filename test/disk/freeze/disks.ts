/** Real filesystems that can be frozen, and whether they are. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {atEnd} from '../../ssh/at-end.ts';
import {loopDevice, mounted, run} from '../devices.ts';

const MIB = {ext4: 32, xfs: 320, btrfs: 128};

/** Mounts a new filesystem, until the end of the test file: thawed then, whatever happened. */
export async function filesystem(type: keyof typeof MIB = 'ext4'): Promise<string> {
  const device = await loopDevice(MIB[type]);
  await run(`mkfs.${type}`, '-q', device);
  const mountPoint = await mounted(device);
  atEnd(() => thawAnyhow(mountPoint));
  return mountPoint;
}

/** Thaws; one that is not frozen stays as it is. */
export async function thawAnyhow(mountPoint: string): Promise<void> {
  await run('fsfreeze', '--unfreeze', mountPoint).catch(() => {});
}

/**
 * Whether a writer can write: it is done, or it stands in the kernel before a frozen filesystem. One that stands is
 * done when the filesystem is thawed.
 */
export async function isFrozen(mountPoint: string): Promise<boolean> {
  const {writer, exit} = startWriter(mountPoint);
  while (writer.exitCode === null) {
    if (waitsForThaw(writer)) return true;
    await Promise.race([exit, delay(5)]);
  }
  return false;
}

/** Resolves when the filesystem can be written to. */
export async function untilThawed(mountPoint: string): Promise<void> {
  await startWriter(mountPoint).exit;
}

function startWriter(mountPoint: string): {writer: ChildProcess; exit: Promise<unknown>} {
  const writer = spawn('sh', ['-c', 'echo written >>"$1"', 'sh', join(mountPoint, 'written')]);
  return {writer, exit: once(writer, 'exit')};
}

function waitsForThaw({pid}: ChildProcess): boolean {
  try {
    return readFileSync(`/proc/${pid}/wchan`, 'utf8').includes('percpu');
  } catch {
    return false;
  }
}
