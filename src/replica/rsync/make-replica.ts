/** One replica: a volume at either end, what is on the one copied to the other, and a snapshot of that. */
import {type Scratch, type ScratchOptions, withScratch} from '../../ec2/scratch/scratch.ts';
import {FtaskError} from '../../errors.ts';
import type {Made} from '../method.ts';
import type {Base} from '../plan/source.ts';
import {attachNew, type DiskRequest} from './attach-new.ts';
import {copyContent} from './copy-content.ts';
import type {Copied, Disk} from './disk.ts';
import type {Job} from './job.ts';
import {mustBeEncrypted} from './must-be-encrypted.ts';
import {snapshotDisk} from './snapshot-disk.ts';

/**
 * Nothing but what has been copied, compared, unmounted and detached without force becomes a snapshot. The volumes go on
 * every way out. @throws FtaskError
 */
export function makeReplica(job: Job): Promise<Omit<Made, 'seconds'>> {
  const {tools, source, target} = job;
  const options = scratchOptions(job);
  return withScratch(tools.ec2, target.region, options, async (targetScratch) => {
    const {disk, bytes} = await withScratch(tools.ec2, source.region, options, (sourceScratch) =>
      copyVolume(job, sourceScratch, targetScratch),
    );
    if (await targetScratch.detach(disk.volume)) {
      throw new FtaskError(
        'ForcedDetach',
        `${target.id} let go of ${disk.volume} by force only: what was written last may be lost`,
      );
    }
    return {id: await snapshotDisk(job, disk), sizeGiB: disk.sizeGiB, bytes};
  });
}

function scratchOptions({tools: {run, temporary}, order}: Job): ScratchOptions {
  const {runId, signal, undo, progress} = run;
  const warn = (text: string): void => progress.warn(text);
  return {run: runId, expiryMs: temporary.expiryMs, signal, undo, say: order.say, warn};
}

async function copyVolume(job: Job, sourceScratch: Scratch, targetScratch: Scratch): Promise<Copied> {
  const {tools, order, source, target} = job;
  const {source: snapshot, base} = order.item;
  const {id, sizeGiB, isEncrypted} = snapshot;
  const open = (from?: Base): Promise<Disk> => attachNew(tools, target, targetScratch, diskFor(job, from));
  const [from, first] = await Promise.all([
    attachNew(tools, source, sourceScratch, {snapshot: id, sizeGiB, isEncrypted}),
    open(base),
  ]);
  return copyContent(job, from, {first, isEmpty: base === undefined, openEmpty: () => open()});
}

/** As large as the source at least: its volume may have grown since the base. */
function diskFor({wish, order}: Job, base: Base | undefined): DiskRequest {
  const {item, to} = order;
  const kmsKey = wish.kmsKeys[to];
  const isEncrypted = mustBeEncrypted(wish, order);
  return {
    sizeGiB: Math.max(item.source.sizeGiB, base?.sizeGiB ?? 0),
    ...(base && {snapshot: base.id}),
    isEncrypted,
    ...(isEncrypted && {encryption: kmsKey === undefined ? {} : {kmsKey}}),
  };
}
