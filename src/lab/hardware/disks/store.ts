/** The filesystem that the blocks of a lab lie on: a btrfs in a sparse file, mounted for as long as it is open. */
import {existsSync} from 'node:fs';
import {mkdir, open, rename, rm, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {run} from '../run.ts';
import {deviceName} from './device-name.ts';
import {type LoopDevice, loopDevice} from './loop-device.ts';

export interface Store {
  /** Where it is mounted. */
  readonly path: string;
  /** Unmounts it. @throws FtaskError DisksInUse while somebody still uses a file of it; it goes when they are done */
  close(): Promise<void>;
}

const GIB = 2 ** 30;
const POLL_MS = 10;
const CLOSE_MS = 5000;

// Nothing here has to survive a power cut: nobarrier. Without `ssd` btrfs lets every fsync wait a tick for others to
// join, which makes it thirty times as slow on a busy lab. A snapshot must first commit what is open, and is taken while
// filesystems are frozen: every second, little is open. With nodatacow a disk is written in place between snapshots,
// so that its file stays in few pieces, and direct I/O is not turned into buffered I/O for the sake of checksums.
const OPTIONS = 'nobarrier,noatime,ssd,commit=1,nodatacow';

/** Opens the store in a folder, or makes it. Its mount is seen in this process's mount namespace. */
export async function openStore(folder: string, storeGiB: number): Promise<Store> {
  const image = join(folder, 'store.img');
  const path = join(folder, 'store');
  await mkdir(path, {recursive: true});
  if (!existsSync(image)) await makeImage(image, storeGiB * GIB);
  const device = await loopDevice(image, deviceName(folder, 'store'), false);
  try {
    await run(['mount', '-t', 'btrfs', '-o', OPTIONS, device.path, path]);
  } finally {
    await device.release();
  }
  return {path, close: () => closeStore(path, device)};
}

async function makeImage(image: string, bytes: number): Promise<void> {
  const draft = `${image}.part`;
  await rm(draft, {force: true});
  await (await open(draft, 'w')).close();
  await truncate(draft, bytes);
  await run(['mkfs.btrfs', '--quiet', '--metadata', 'single', draft]);
  await rename(draft, image);
}

async function closeStore(path: string, device: LoopDevice): Promise<void> {
  // Lazily, as a disk that somebody still has mounted is a file of it that is open.
  await run(['umount', '--lazy', path]);
  const deadline = performance.now() + CLOSE_MS;
  while (await device.isThere()) {
    if (performance.now() > deadline) {
      throw new FtaskError('DisksInUse', `lab hardware: disks in ${path} are still in use`, {
        hint: '`ftask lab down --force` sweeps them away',
      });
    }
    await delay(POLL_MS);
  }
}
