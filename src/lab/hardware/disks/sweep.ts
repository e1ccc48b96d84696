/** Takes away the loop devices that a crash has left. */
import {mkdtemp, readdir, rmdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {run} from '../run.ts';
import {backingFile} from './loop-device.ts';

/** Detaches every loop device on a file in the folder. */
export async function sweepDisks(folder: string): Promise<void> {
  const names = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const own: string[] = [];
  for (const name of names) {
    if ((await backingFile(name))?.startsWith(`${folder}/`)) own.push(`/dev/${name}`);
  }
  for (const path of own) await thaw(path);
  for (const path of own) await run(['losetup', '--detach', path]).catch(() => {});
}

/** A frozen filesystem outlives its namespace and holds back every process that writes to it, until it is thawed through a new mount. */
async function thaw(path: string): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'ftask-thaw-'));
  try {
    await run(['mount', path, place]);
    await run(['fsfreeze', '--unfreeze', place]).catch(() => {});
    await run(['umount', place]);
  } catch {
    // There is nothing on it that could be frozen.
  } finally {
    await rmdir(place);
  }
}
