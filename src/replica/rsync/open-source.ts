/** The filesystem that files are copied from. */
import {type Likeness, likenessOf} from '../../disk/filesystem/likeness.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Disk} from './disk.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';

export interface OpenSource extends MountedDisk {
  readonly likeness: Likeness;
}

/**
 * Mounted, and as it is once its journal has been replayed: a disk that was in use tells an older label and UUID before.
 * Undefined where files are not all there is, or cannot be reached; why is told. Throws as `mount`, and of the connection
 */
export async function openSource(job: Job, disk: Disk): Promise<OpenSource | undefined> {
  const {progress} = job.tools.run;
  const tell = (why: string): undefined =>
    void progress.note(`${job.order.item.source.id} is copied by blocks: ${why}`);
  try {
    return (await open(job, disk)) ?? tell('it is not one ext or xfs alone (partitions, LUKS, ...)');
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return tell(error.message);
  }
}

async function open(job: Job, disk: Disk): Promise<OpenSource | undefined> {
  const type = (await likenessOf(disk.host, disk.device))?.type;
  if (type === undefined) return undefined;
  const mounted = await mountDisk(job, disk, type, {readOnly: true});
  try {
    const likeness = await likenessOf(disk.host, disk.device);
    if (likeness) return {...mounted, likeness};
  } catch (error) {
    await close(job, mounted);
    throw error;
  }
  await close(job, mounted);
  return undefined;
}

function close({tools}: Job, {disk, mountPoint, undo}: MountedDisk): Promise<void> {
  return letGo(disk.host, mountPoint, undo, (text) => tools.run.progress.warn(text));
}
