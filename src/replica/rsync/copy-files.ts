/** The files of one filesystem go to another that stands for it. */
import {asRoot} from '../../disk/as-root.ts';
import type {Likeness} from '../../disk/filesystem/likeness.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {argv} from '../../host/command.ts';
import {copyTree} from '../trees/copy-tree.ts';
import type {Copied, Disk, Targets} from './disk.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';
import {openFilesystem} from './open-filesystem.ts';

/**
 * Copies them, writes the copy to its disk, and compares all content as the disk gives it back. Both are unmounted then.
 * @throws FtaskError when anything differs
 */
export async function copyFiles(job: Job, from: Disk, likeness: Likeness, targets: Targets): Promise<Copied> {
  const source = await mountDisk(job, from, likeness.type, {readOnly: true});
  try {
    const target = await openFilesystem(job, likeness, targets);
    const {sentBytes} = await whileMounted(job, target, () => pass(job, source, target, false));
    // Mounted anew, it is read from the disk and not from memory.
    const again = await mountDisk(job, target.disk, likeness.type, {readOnly: false});
    const check = await whileMounted(job, again, () => pass(job, source, again, true));
    return {disk: target.disk, bytes: sentBytes + check.sentBytes};
  } finally {
    await letGoOf(job, source);
  }
}

/** A pass that transfers anything is followed by another one, which must not. */
function pass({tools, wish, order, way}: Job, source: MountedDisk, target: MountedDisk, checksum: boolean) {
  const {excludes} = wish;
  const ends = {source: endOf(source), target: endOf(target)};
  return copyTree(tools, {
    ...ends,
    way,
    excludes,
    allowVanished: false,
    checksum,
    say: (text) => order.say(text),
  });
}

function endOf({disk: {host, reach, device}, mountPoint}: MountedDisk) {
  return {host, ...(reach && {reach}), device, mountPoint};
}

/** A write that the disk refused shows when all is written, and not before. */
async function whileMounted<Value>(
  job: Job,
  mounted: MountedDisk,
  work: () => Promise<Value>,
): Promise<Value> {
  let value: Value;
  try {
    value = await work();
    await mounted.disk.host.run(asRoot(argv('sync', '-f', mounted.mountPoint)));
  } catch (error) {
    await letGoOf(job, mounted);
    throw error;
  }
  await mounted.undo.run();
  return value;
}

function letGoOf({tools}: Job, {disk, mountPoint, undo}: MountedDisk): Promise<void> {
  return letGo(disk.host, mountPoint, undo, (text) => tools.run.progress.warn(text));
}
