/** The snapshot that is the replica: made once, waited for, and kept only when it is what it should be. */
import {formatDuration} from '../../duration.ts';
import type {SnapshotId, VolumeId} from '../../ec2/ids.ts';
import {awaitSnapshot} from '../../ec2/snapshots/await-snapshot.ts';
import {createSnapshot} from '../../ec2/snapshots/create-snapshot.ts';
import type {OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';
import {SnapshotFailed} from '../../ec2/snapshots/poller.ts';
import {deleteSnapshot} from '../../ec2/snapshots/snapshots.ts';
import {type Order, StillBeingMade} from '../method.ts';
import {mustBeEncrypted} from './must-be-encrypted.ts';
import type {RsyncTools, RsyncWish} from './tools.ts';

export interface SnapshotWork {
  readonly tools: RsyncTools;
  readonly wish: RsyncWish;
  readonly order: Order;
}

/**
 * Snapshots a volume that is detached. What AWS gives up is deleted, and made again a few times.
 * @throws SnapshotFailed when there is none in the end, StillBeingMade when nobody waits for it any more
 */
export async function snapshotDisk(
  work: SnapshotWork,
  {volume, sizeGiB}: {readonly volume: VolumeId; readonly sizeGiB: number},
): Promise<SnapshotId> {
  const {tools, wish, order} = work;
  const {description, tags, to} = order;
  const patience = {timeoutMs: wish.timeoutMs, signal: tools.run.signal, before: () => order.mayCreate()};
  for (let tries = 0; ; tries += 1) {
    order.say(`making a snapshot of ${volume}`);
    const id = await createSnapshot(tools.ec2, to, {volume, description, tags}, patience);
    try {
      await completed(work, id, sizeGiB);
      return id;
    } catch (error) {
      if (!(error instanceof BrokenReplica) || tries >= wish.retries) throw error;
      tools.run.progress.note(`${to}: ${error.message}; it is made again`);
    }
  }
}

/** Waits for one that an earlier run has made; its size is told. Undefined when AWS gave it up, and it is deleted then. */
export async function adoptSnapshot(work: SnapshotWork, id: SnapshotId): Promise<number | undefined> {
  const {tools, order} = work;
  try {
    return await completed(work, id, order.item.source.sizeGiB);
  } catch (error) {
    if (!(error instanceof BrokenReplica)) throw error;
    tools.run.progress.note(`${order.to}: ${error.message}; it is made again`);
    return undefined;
  }
}

/** It was none, and is deleted. */
class BrokenReplica extends SnapshotFailed {}

/** Its size in GiB. */
async function completed(work: SnapshotWork, id: SnapshotId, leastGiB: number): Promise<number> {
  const {tools, wish, order} = work;
  const {pollIntervalMs: intervalMs, timeoutMs} = wish;
  const onProgress = (progress: string): void => order.say(`waiting for ${id} ${progress}`);
  const options = {intervalMs, timeoutMs, signal: tools.run.signal, onProgress};
  const snapshot = await awaitSnapshot(tools.ec2, order.to, id, options).catch((error: unknown) => {
    const why = tools.run.signal.aborted || !(error instanceof Error) ? '' : `: ${error.message}`;
    throw new StillBeingMade(id, `is not known to be complete yet${why}`, error);
  });
  if (!snapshot)
    throw new SnapshotFailed('SnapshotGone', id, 'is gone', 'Somebody deleted it while it was made.');
  if (snapshot.state === 'pending')
    throw new StillBeingMade(id, `is not complete after ${formatDuration(timeoutMs)}`);
  const flaw = flawOf(snapshot, leastGiB, mustBeEncrypted(wish, order));
  if (flaw === undefined) return snapshot.sizeGiB;
  await remove(work, id, flaw);
  throw new BrokenReplica('SnapshotError', id, `${flaw}, and was deleted`);
}

function flawOf(
  {state, stateMessage, sizeGiB, isEncrypted}: OwnSnapshot,
  leastGiB: number,
  toBeEncrypted: boolean,
): string | undefined {
  if (state !== 'completed') return `ended in state ${state}: ${stateMessage ?? 'AWS gives no reason'}`;
  if (sizeGiB < leastGiB) return `has ${sizeGiB} GiB instead of ${leastGiB}`;
  return toBeEncrypted && !isEncrypted ? 'is not encrypted' : undefined;
}

async function remove({tools, wish, order}: SnapshotWork, id: SnapshotId, why: string): Promise<void> {
  const {ec2, run} = tools;
  const {to: region, item} = order;
  const journal = await tools.journal();
  const {volume} = item.source.origin;
  const before = (): Promise<void> => {
    const time = new Date(ec2.clock.now()).toISOString();
    const what = {time, run: run.runId, event: 'delete-snapshot', region, snapshot: id};
    return journal.append({...what, task: wish.task, volume, why: `it ${why}`});
  };
  await deleteSnapshot(ec2, region, id, {before});
}
