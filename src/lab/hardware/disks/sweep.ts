/** Takes away the devices that a crash has left. */
import {mkdtemp, rmdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {run} from '../run.ts';
import {deviceName, deviceNamePrefix} from './device-name.ts';
import {boundDevices} from './loop-control.ts';

const POLL_MS = 25;
/** The kernel takes namespaces and mounts apart some time after their last process. */
const SETTLE_MS = 2000;

/**
 * Sees to it that no device of the disks in the folder is left. Whoever had them must be dead.
 * @throws FtaskError DisksInUse naming the devices that somebody still uses
 */
export async function sweepDisks(folder: string): Promise<void> {
  if (await areGone(folder)) return;
  for (const {path, name} of await devicesOf(folder)) {
    if (name !== deviceName(folder, 'store')) await letGo(path);
  }
  if (await areGone(folder)) return;
  const left = (await devicesOf(folder)).map(({path, name}) => `${path} (${name.split(':')[2]})`);
  if (left.length === 0) return;
  throw new FtaskError('DisksInUse', `lab hardware: still in use: ${left.join(', ')}`, {
    hint: 'end what has them mounted',
  });
}

/** Devices of the disks in the folder, in whatever namespace they are used. */
export async function devicesOf(folder: string): Promise<{readonly path: string; readonly name: string}[]> {
  const prefix = deviceNamePrefix(folder);
  return (await boundDevices()).filter(({name}) => name.startsWith(prefix));
}

async function areGone(folder: string): Promise<boolean> {
  const deadline = performance.now() + SETTLE_MS;
  while ((await devicesOf(folder)).length > 0) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** A frozen filesystem outlives its namespace and blocks who writes to it, until it is thawed through a new mount. */
async function letGo(device: string): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'ftask-thaw-'));
  try {
    await run(['sh', '-c', LET_GO, 'thaw', device, place]);
  } finally {
    await rmdir(place);
  }
}

// A disk that was cut off does not tell its type any more. Each step may have nothing to do.
const LET_GO = `
  swapoff "$1"
  for type in ext4 xfs btrfs; do
    mount -t "$type" "$1" "$2" || continue
    fsfreeze --unfreeze "$2"
    umount "$2"
  done
  :
`;
