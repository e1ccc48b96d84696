/** The files of one filesystem go to another that stands for it. */
import {asRoot} from '../../disk/as-root.ts';
import {letGo} from '../../disk/mount/let-go.ts';
import {argv} from '../../host/command.ts';
import {copyTree} from '../trees/copy-tree.ts';
import type {Copied, Targets} from './disk.ts';
import {isFlaw} from './flaw.ts';
import type {Job} from './job.ts';
import {type MountedDisk, mountDisk} from './mount-disk.ts';
import {openBase, openNew} from './open-filesystem.ts';
import type {OpenSource} from './open-source.ts';

/**
 * Copies them, writes the copy to its disk, and compares all content as the disk gives it back. Both are unmounted then.
 * A newest replica that cannot become equal is told, and not used. @throws FtaskError when anything differs
 */
export async function copyFiles(job: Job, source: OpenSource, targets: Targets): Promise<Copied> {
  const {likeness} = source;
  const {first, isEmpty, openEmpty} = targets;
  try {
    if (isEmpty) return await copyTo(job, source, await openNew(job, likeness, first));
    try {
      return await copyTo(job, source, await openBase(job, likeness, first));
    } catch (error) {
      if (!isFlaw(error)) throw error;
      const {item} = job.order;
      job.tools.run.progress.note(`${item.base?.id} is no base for ${item.source.id}: ${error.message}`);
    }
    return await copyTo(job, source, await openNew(job, likeness, await openEmpty()));
  } finally {
    await letGoOf(job, source);
  }
}

async function copyTo(job: Job, source: OpenSource, target: MountedDisk): Promise<Copied> {
  const {disk} = target;
  const {sentBytes} = await whileMounted(job, target, () => pass(job, source, target, false));
  // Mounted anew, it is read from the disk and not from memory.
  const again = await mountDisk(job, disk, source.likeness.type, {readOnly: false});
  const check = await whileMounted(job, again, () => pass(job, source, again, true));
  return {disk, bytes: sentBytes + check.sentBytes};
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
