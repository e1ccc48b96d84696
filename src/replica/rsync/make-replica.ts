/** One replica: a volume at either end, what is on the one copied to the other, and a snapshot of that. */
import type {Region} from '../../ec2/ids.ts';
import {openScratch, type Scratch} from '../../ec2/scratch/scratch.ts';
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
 * every way out; should one stay, that is told, and the replica is none the worse for it. @throws FtaskError
 */
export function makeReplica(job: Job): Promise<Omit<Made, 'seconds'>> {
  const {source, target} = job;
  return withVolumes(job, target.region, async (targetScratch) => {
    const {disk, bytes} = await withVolumes(job, source.region, (sourceScratch) =>
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

async function withVolumes<Value>(
  {tools, order}: Job,
  region: Region,
  work: (scratch: Scratch) => Promise<Value>,
): Promise<Value> {
  const {run, ec2, temporary} = tools;
  const {runId, signal, undo, progress} = run;
  const warn = (text: string): void => progress.warn(text);
  const options = {run: runId, expiryMs: temporary.expiryMs, signal, undo, say: order.say, warn};
  const scratch = openScratch(ec2, region, options);
  try {
    return await work(scratch);
  } finally {
    await scratch
      .remove()
      .catch(({message, hint}: FtaskError) => warn(hint ? `${message}; ${hint}` : message));
  }
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
