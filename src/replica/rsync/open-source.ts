/** The filesystem that files are copied from. */
import {type Likeness, likenessOf} from '../../disk/filesystem/likeness.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {FtaskError} from '../../errors.ts';
import type {Disk} from './disk.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';

export interface OpenSource extends MountedDisk {
  readonly likeness: Likeness;
}

/**
 * Mounted, and as it is once its journal has been replayed: a disk that was in use tells an older label and UUID before.
 * @throws FtaskError `OtherFilesystem` where files are not all there is; what `mount` and `likenessOf` throw
 */
export async function openSource(job: Job, disk: Disk): Promise<OpenSource> {
  const type = (await likenessOf(disk.host, disk.device))?.type;
  if (type === undefined) throw notFiles();
  const mounted = await mountDisk(job, disk, type, {readOnly: true});
  try {
    const likeness = await likenessOf(disk.host, disk.device);
    if (!likeness) throw notFiles();
    return {...mounted, likeness};
  } catch (error) {
    await letGo(disk.host, mounted.mountPoint, mounted.undo, (text) => job.tools.run.progress.warn(text));
    throw error;
  }
}

function notFiles(): FtaskError {
  return new FtaskError('OtherFilesystem', 'it is not one ext or xfs alone (partitions, LUKS, ...)');
}
