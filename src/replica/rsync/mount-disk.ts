/** A volume of an item, mounted where nothing else is. */
import {mount} from '../../disk/mount/mount.ts';
import type {Undo} from '../../runner/undo.ts';
import type {Disk} from './disk.ts';
import type {Job} from './job.ts';
import {mountPointOf} from './mount-point.ts';

export interface MountedDisk {
  readonly disk: Disk;
  readonly mountPoint: string;
  readonly undo: Undo;
}

/** A journal is replayed on a read-only mount, too: the volume is a copy of our own. Throws as `mount` */
export async function mountDisk(
  {tools}: Job,
  disk: Disk,
  type: string,
  {readOnly}: {readonly readOnly: boolean},
): Promise<MountedDisk> {
  const mountPoint = mountPointOf(disk.volume);
  // Programs and devices of another system are nothing for the users of this one.
  const options = ['nodev', 'nosuid', 'noatime'];
  const {undo: stack} = tools.run;
  const undo = await mount(disk.host, disk.device, mountPoint, {type, readOnly, options, undo: stack});
  return {disk, mountPoint, undo};
}
