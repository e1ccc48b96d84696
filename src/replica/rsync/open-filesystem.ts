/** The filesystem that files are copied to: that of the newest replica, or a new one like the source's. Both are mounted. */
import {contentOf} from '../../disk/filesystem/content.ts';
import {growFilesystem, hasRoomToGrow} from '../../disk/filesystem/grow.ts';
import type {Likeness} from '../../disk/filesystem/likeness.ts';
import {makeFilesystem} from '../../disk/filesystem/make.ts';
import {writeUuid} from '../../disk/filesystem/uuid.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {FtaskError} from '../../errors.ts';
import type {Disk} from './disk.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';

/** Makes a new one with the label and the UUID of the source. @throws FtaskError */
export async function openNew(job: Job, likeness: Likeness, disk: Disk): Promise<MountedDisk> {
  job.order.say(`making ${likeness.type} on ${disk.volume}`);
  await makeFilesystem(disk.host, disk.device, likeness);
  return mountDisk(job, disk, likeness.type, {readOnly: false});
}

/** That of the newest replica: as large as its volume, with the UUID of the source. @throws FtaskError when it does not serve */
export async function openBase(job: Job, {type, uuid}: Likeness, disk: Disk): Promise<MountedDisk> {
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
