/** Deletes the snapshots of ours that ended in error: nothing can be restored from them. */
import type {Ec2} from '../../ec2/client.ts';
import type {Region} from '../../ec2/ids.ts';
import {type OwnSnapshot, snapshotsById} from '../../ec2/snapshots/own-snapshots.ts';
import {FtaskError} from '../../errors.ts';
import type {Journal} from '../../journal/journal.ts';
import {type ItemFailure, SomeFailed, unlessFailed} from '../../runner/outcome.ts';
import type {RunContext} from '../../runner/task.ts';
import {deleteBatches, type LastLook, type RegionDeletes} from '../trim/apply/delete-batches.ts';
import {tellRecycleBin} from '../trim/apply/tell-recycle-bin.ts';
import type {Look} from '../trim/gather/look.ts';
import {type Found, findBroken, judge} from './find-broken.ts';
import {type BrokenSnapshot, rowOf} from './rows.ts';

export interface BrokenTools {
  readonly run: RunContext;
  readonly ec2: Ec2;
  /** @throws RefusedError when it cannot be written */
  readonly journal: () => Promise<Journal>;
}

export interface BrokenRequest {
  readonly regions: readonly Region[];
  /** What AWS began to make later than that stays. */
  readonly minAgeMs: number;
  /** Tells what would be deleted; no call that changes anything. */
  readonly dryRun: boolean;
}

/**
 * Deletes them, each looked at again just before it and with AWS's reason in the journal, or tells what it would delete.
 * @throws RefusedError when the journal cannot be written; nothing was deleted then
 * @throws SomeFailed with everything that was deleted, when a snapshot or a region failed
 */
export async function deleteBroken(
  {run, ec2, journal}: BrokenTools,
  {regions, minAgeMs, dryRun}: BrokenRequest,
): Promise<readonly BrokenSnapshot[]> {
  const look = {ec2, progress: run.progress, signal: run.signal};
  const failures: ItemFailure[] = [];
  const found = await Promise.all(regions.map((region) => findIn(look, region, minAgeMs, failures)));
  const known = found.filter((one) => one !== undefined);
  for (const one of known) tellStaying(run, one);
  const row = (state: BrokenSnapshot['state'], region: Region) => (snapshot: OwnSnapshot) =>
    rowOf(snapshot, {region, state, nowMs: ec2.clock.now()});
  if (dryRun) {
    const rows = known.flatMap(({region, batches}) => batches.flat().map(row('would delete', region)));
    return unlessFailed(rows, failures);
  }
  const rows: BrokenSnapshot[] = [];
  const deletes = known.map(
    ({region, batches}): RegionDeletes<OwnSnapshot, BrokenSnapshot> => ({
      region,
      batches,
      idOf: ({id}) => id,
      lookAgain: (batch) => lookAgain(look, region, batch, minAgeMs),
      recordOf: ({origin, stateMessage = ''}) => ({
        task: 'delete_broken_snapshots',
        volume: origin.volume,
        why: 'it ended in error',
        stateMessage,
      }),
      rowOf: row('deleted', region),
    }),
  );
  if (deletes.some(({batches}) => batches.length > 0)) {
    await deleteBatches({run, ec2, journal: await journal(), rows, failures}, deletes);
  }
  if (run.signal.aborted) throw new SomeFailed('interrupted; what was deleted is gone', rows, failures);
  await tellRecycleBin(look, rows);
  return unlessFailed(rows, failures);
}

async function findIn(
  look: Look,
  region: Region,
  minAgeMs: number,
  failures: ItemFailure[],
): Promise<Found | undefined> {
  try {
    return await findBroken(look, region, minAgeMs);
  } catch (error) {
    if (!(error instanceof FtaskError) || look.signal.aborted) throw error;
    failures.push({item: region, error});
    return undefined;
  }
}

function tellStaying({progress, skip}: RunContext, {region, stays, others}: Found): void {
  for (const {snapshot, reason} of stays) {
    progress.note(`${region}: ${snapshot.id} stays: it ${reason}`);
    skip({item: snapshot.id, where: region, reason});
  }
  if (others > 0) progress.note(`${region}: ${others} in error ${others === 1 ? 'is' : 'are'} not ours`);
}

async function lookAgain(
  look: Look,
  region: Region,
  batch: readonly OwnSnapshot[],
  minAgeMs: number,
): Promise<LastLook<OwnSnapshot>> {
  const ids = batch.map(({id}) => id);
  const present = await snapshotsById(look.ec2, region, ids, look.signal);
  const {broken, stays} = await judge(look, region, present, minAgeMs);
  const gone = batch.filter(({id}) => !present.some((one) => one.id === id));
  return {
    unchanged: broken,
    changed: [
      ...stays.map(({snapshot, reason}) => ({candidate: snapshot, reason})),
      ...gone.map((candidate) => ({candidate, reason: 'is gone already'})),
    ],
  };
}
