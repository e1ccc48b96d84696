/** What is on one volume goes to another: file by file, or block by block where that cannot be. */
import {copyDevice} from '../blocks/copy-device.ts';
import {copyFiles} from './copy-files.ts';
import type {Copied, Disk, Targets} from './disk.ts';
import {isFlaw} from './flaw.ts';
import type {Job} from './job.ts';
import {openSource} from './open-source.ts';

/** The copy has been compared with the source, and nothing of it is mounted any more. @throws FtaskError */
export async function copyContent(job: Job, from: Disk, targets: Targets): Promise<Copied> {
  const source = await openSource(job, from).catch(orWhy);
  if ('why' in source) return copyBlocks(job, from, targets, source);
  const copied = await copyFiles(job, source, targets).catch(orWhy);
  if (!('why' in copied)) return copied;
  // What could not be unmounted would write to it still.
  const fresh = await targets.openEmpty();
  return copyBlocks(job, from, {...targets, first: fresh}, copied);
}

interface Hindrance {
  readonly why: string;
}

function orWhy(error: unknown): Hindrance {
  if (isFlaw(error)) return {why: error.message};
  throw error;
}

async function copyBlocks(
  {order, tools, way}: Job,
  from: Disk,
  {first, openEmpty}: Targets,
  {why}: Hindrance,
): Promise<Copied> {
  tools.run.progress.note(`${order.item.source.id} is copied by blocks: ${why}`);
  // What lies at the end of a disk must not come to lie in the middle of a larger one.
  const disk = first.sizeGiB === from.sizeGiB ? first : await openEmpty();
  const {sentBytes} = await copyDevice(tools, {
    source: from,
    target: disk,
    way,
    isOurs: true,
    say: (text) => order.say(text),
  });
  return {disk, bytes: sentBytes};
}
