/** One copy, from the call that starts it to the proof that it is one: adopted when it is there, made again when it breaks. */
import type {SnapshotId} from '../../ec2/ids.ts';
import {LOOKS_MS} from '../../ec2/scratch/make/make-once.ts';
import {copySnapshot} from '../../ec2/snapshots/copy-snapshot.ts';
import {type OwnSnapshot, snapshotsById} from '../../ec2/snapshots/own-snapshots.ts';
import {FtaskError} from '../../errors.ts';
import {type Made, type Order, StillBeingMade} from '../method.ts';
import {completionMinutes} from './completion-minutes.ts';
import {CopyFailed} from './copy-failed.ts';
import {removeCopy} from './remove-copy.ts';
import type {CopySite} from './site.ts';
import {markUncompared, verifyCopy} from './verify-copy.ts';

/** A copy of this order that was begun. */
interface Attempt {
  id?: SnapshotId;
  sinceMs: number;
  isLate: boolean;
}

/**
 * Makes it, or waits for the one that is adopted. One that ends in error is deleted and made again.
 * @throws CopyFailed when it breaks for good, and is deleted then; StillBeingMade; Ec2Error
 */
export async function makeCopy(site: CopySite, order: Order): Promise<Made> {
  const known = new Set<SnapshotId>();
  let adopt = order.adopt;
  for (let failures = 0; ; failures += 1) {
    const attempt: Attempt = {sinceMs: site.ec2.clock.now(), isLate: false, ...(adopt && {id: adopt})};
    try {
      const copy = await endOf(site, order, attempt, known);
      return madeOf(site, attempt, copy);
    } catch (error) {
      if (!(error instanceof CopyFailed)) throw error;
      await removeCopy(site, order, error);
      // What another run began may have been asked for in another way.
      const isWorthARetry = error.isWorthARetry || adopt !== undefined;
      if (!isWorthARetry || failures >= site.wish.retries) throw error;
      order.say(`${error.message}; making it again`);
      site.run.progress.warn(`${order.to}: ${error.message}; making it again`);
    }
    adopt = undefined;
  }
}

/** The copy when it is completed and verified. @throws CopyFailed when it is there and no good */
async function endOf(
  site: CopySite,
  order: Order,
  attempt: Attempt,
  known: Set<SnapshotId>,
): Promise<OwnSnapshot> {
  const isAdopted = attempt.id !== undefined;
  if (attempt.id !== undefined) await markUncompared(site, attempt.id);
  const work = async (onBegun: () => void): Promise<OwnSnapshot> => {
    const ended = await followed(site, order, attempt, {known, onBegun});
    const id = attempt.id as SnapshotId;
    if (!ended) throw new FtaskError('CopyGone', `${id} is gone: somebody deleted it while it was made`);
    if (ended.state === 'completed') return ended;
    if (ended.state === 'pending') {
      const hours = Math.round(site.wish.timeoutMs / 3_600_000);
      throw new StillBeingMade(id, `is not complete after ${hours} hours (${ended.progress || '0%'})`);
    }
    throw new CopyFailed(ended, `ended in error: ${ended.stateMessage ?? 'AWS gives no reason'}`);
  };
  const copy = site.canary && !isAdopted ? await site.canary.fly(work) : await work(() => {});
  await verifyCopy(site, order, copy, {isAdopted});
  return copy;
}

async function followed(
  site: CopySite,
  order: Order,
  attempt: Attempt,
  {known, onBegun}: {readonly known: Set<SnapshotId>; readonly onBegun: () => void},
): Promise<OwnSnapshot | undefined> {
  const {queue} = site;
  const onProgress = (progress: string): void => order.say(`${attempt.id} ${progress || '0%'}`);
  try {
    if (attempt.id !== undefined) return await queue.follow(attempt.id, onProgress);
    order.say('waiting for a place');
    return await queue.copy(async () => {
      const id = await begin(site, order, attempt, known);
      known.add(id);
      attempt.id = id;
      onBegun();
      onProgress('');
      return id;
    }, onProgress);
  } catch (error) {
    if (attempt.id === undefined) throw error;
    await untilVisible(site, attempt.id);
    if (site.run.signal.aborted) throw new StillBeingMade(attempt.id, 'is not complete yet', error);
    throw error instanceof FtaskError
      ? new StillBeingMade(attempt.id, `was lost sight of (${error.message})`, error)
      : error;
  }
}

function begin(
  {run, ec2, wish, to, kmsKey, onLate}: CopySite,
  {item, tags, description, mayCreate, say}: Order,
  attempt: Attempt,
  known: ReadonlySet<SnapshotId>,
): Promise<SnapshotId> {
  const {source} = item;
  say('asking AWS for a copy');
  attempt.sinceMs = ec2.clock.now();
  const due =
    wish.rpoMs === undefined
      ? undefined
      : completionMinutes(source.origin.timeMs, wish.rpoMs, attempt.sinceMs);
  attempt.isLate = due?.isLate === true;
  if (attempt.isLate) onLate(source.id);
  const request = {
    source: source.id,
    from: source.region,
    description,
    tags,
    encrypted: wish.encrypted,
    ...(kmsKey !== undefined && {kmsKey}),
    ...(due && {minutes: due.minutes}),
  };
  return copySnapshot(ec2, to, request, {known, before: mayCreate, signal: run.signal});
}

/** Whoever takes the lock next must see it, or would make a second one. */
async function untilVisible({ec2, to}: CopySite, id: SnapshotId): Promise<void> {
  for (const pauseMs of [0, ...LOOKS_MS]) {
    await ec2.clock.sleep(pauseMs);
    if ((await snapshotsById(ec2, to, [id])).length > 0) return;
  }
}

function madeOf({ec2}: CopySite, {sinceMs, isLate}: Attempt, copy: OwnSnapshot): Made {
  return {
    id: copy.id,
    sizeGiB: copy.sizeGiB,
    seconds: Math.round((ec2.clock.now() - sinceMs) / 1000),
    ...(isLate && {note: 'asked for too late to meet the RPO'}),
  };
}
