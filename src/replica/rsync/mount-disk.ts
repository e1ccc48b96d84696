/** A volume of an item, mounted where nothing else is. */
import {mount} from '../../disk/mount/mount.ts';
import type {Undo} from '../../runner/undo.ts';
import type {Disk} from './attach-new.ts';
import type {Job} from './job.ts';

export interface MountedDisk {
  readonly disk: Disk;
  readonly mountPoint: string;
  readonly undo: Undo;
}

/** Where volumes are mounted, each in a folder that is called by its id. */
export const MOUNT_PREFIX = '/mnt/ftask-vol-';

/** A journal is replayed on a read-only mount, too: the volume is a copy of our own. Throws as `mount` */
export async function mountDisk(
  {tools}: Job,
  disk: Disk,
  type: string,
  {readOnly}: {readonly readOnly: boolean},
): Promise<MountedDisk> {
  const mountPoint = `${MOUNT_PREFIX}${disk.volume.slice('vol-'.length)}`;
  // Programs and devices of another system are nothing for the users of this one.
  const options = ['nodev', 'nosuid', 'noatime'];
  const {undo: stack} = tools.run;
  const undo = await mount(disk.host, disk.device, mountPoint, {type, readOnly, options, undo: stack});
  return {disk, mountPoint, undo};
}
