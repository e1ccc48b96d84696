/** The filesystem that files are copied to: that of the newest replica, or a new one like the source's. */
import {contentOf} from '../../disk/filesystem/content.ts';
import {growFilesystem, hasRoomToGrow} from '../../disk/filesystem/grow.ts';
import type {Likeness} from '../../disk/filesystem/likeness.ts';
import {makeFilesystem} from '../../disk/filesystem/make.ts';
import {writeUuid} from '../../disk/filesystem/uuid.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {FtaskError} from '../../errors.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Disk, Targets} from './disk.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';

/** Mounted, as large as its volume, with the UUID of the source. A base that does not serve is told and not used. */
export async function openFilesystem(
  job: Job,
  likeness: Likeness,
  {first, isEmpty, openEmpty}: Targets,
): Promise<MountedDisk> {
  if (isEmpty) return makeOn(job, likeness, first);
  try {
    return await reuse(job, likeness, first);
  } catch (error) {
    if (!isOfFilesystem(error)) throw error;
    const {item} = job.order;
    job.tools.run.progress.note(`${item.base?.id} is no base for ${item.source.id}: ${error.message}`);
    return makeOn(job, likeness, await openEmpty());
  }
}

async function makeOn(job: Job, likeness: Likeness, disk: Disk): Promise<MountedDisk> {
  job.order.say(`making ${likeness.type} on ${disk.volume}`);
  await makeFilesystem(disk.host, disk.device, likeness);
  return mountDisk(job, disk, likeness.type, {readOnly: false});
}

async function reuse(job: Job, {type, uuid}: Likeness, disk: Disk): Promise<MountedDisk> {
  const {host, device} = disk;
  const content = await contentOf(host, device);
  if (content.type !== type)
    throw new FtaskError('OtherFilesystem', `it holds ${content.type ?? 'no filesystem'}, not ${type}`);
  await writeUuid(host, device, uuid);
  if (type === 'xfs') return growMounted(job, disk);
  // A mounted one may be forbidden to grow, or not be able to.
  if (await hasRoomToGrow(host, device)) await growFilesystem(host, device);
  return mountDisk(job, disk, type, {readOnly: false});
}

async function growMounted(job: Job, disk: Disk): Promise<MountedDisk> {
  const mounted = await mountDisk(job, disk, 'xfs', {readOnly: false});
  try {
    await growFilesystem(disk.host, disk.device);
    return mounted;
  } catch (error) {
    await letGo(disk.host, mounted.mountPoint, mounted.undo, (text) => job.tools.run.progress.warn(text));
    throw error;
  }
}

/** Not one of the connection to the host, for which another volume would be no better. */
function isOfFilesystem(error: unknown): error is FtaskError {
  if (!(error instanceof FtaskError)) return false;
  return error instanceof CommandFailed || ['OtherFilesystem', 'CannotGrow'].includes(error.code);
}
