/** Deletes in one region what its plan says, a batch after the other, each looked at just before. */
import {forEachLimited} from '../../../concurrency.ts';
import {deleteSnapshot} from '../../../ec2/snapshots/snapshots.ts';
import {FtaskError, InterruptedError, RefusedError} from '../../../errors.ts';
import type {ProgressGroup} from '../../../runner/progress.ts';
import type {RegionPlan} from '../plan.ts';
import {type Candidate, candidatesOf, rowOf} from '../rows.ts';
import type {Applying} from './applying.ts';
import {batchesOf} from './batches.ts';
import {lookAgain} from './look-again.ts';

/** While one batch is deleted the next ones are looked at, so that no token for a delete is left unused. */
const BATCHES_AT_ONCE = 3;

/** What was deleted and what was not goes into `applying`, as it happens. Stops at the signal. */
export async function applyRegion(applying: Applying, plan: RegionPlan): Promise<void> {
  const {run} = applying;
  const candidates = candidatesOf({regions: [plan]});
  if (candidates.length === 0) return;
  const group = run.progress.group(plan.region);
  group.expect(candidates.length);
  const work = (batch: Candidate[]) => deleteBatch(applying, plan, batch, group);
  try {
    await forEachLimited(untilAborted(batchesOf(candidates), run.signal), BATCHES_AT_ONCE, work);
  } catch (error) {
    if (run.signal.aborted || !(error instanceof FtaskError) || error instanceof RefusedError) throw error;
    group.say(error.message);
    applying.failures.push({item: plan.region, error});
  } finally {
    group.close();
  }
}

async function* untilAborted<Item>(items: readonly Item[], signal: AbortSignal): AsyncGenerator<Item> {
  for (const item of items) {
    if (signal.aborted) return;
    yield item;
  }
}

async function deleteBatch(
  applying: Applying,
  {region}: RegionPlan,
  batch: readonly Candidate[],
  group: ProgressGroup,
): Promise<void> {
  const {run, ec2, plan} = applying;
  const look = {ec2, progress: run.progress, signal: run.signal};
  const {unchanged, changed} = await lookAgain(look, region, batch, plan.settings.tag);
  for (const {candidate, reason} of changed) stay(applying, candidate, reason, group);
  await Promise.all(unchanged.map((candidate) => deleteOne(applying, candidate, group)));
}

async function deleteOne(applying: Applying, candidate: Candidate, group: ProgressGroup): Promise<void> {
  const {run, ec2, journal, plan, rows, failures} = applying;
  const {region, snapshot} = candidate;
  try {
    const before = () => journal.append(recordOf(applying, candidate));
    await deleteSnapshot(ec2, region, snapshot.id, {signal: run.signal, before});
    rows.push(rowOf(candidate, plan, 'deleted'));
    group.done(snapshot.id);
  } catch (error) {
    if (error instanceof InterruptedError) return;
    if (!(error instanceof FtaskError) || error instanceof RefusedError) throw error;
    if (isHeld(error)) return stay(applying, candidate, error.message, group);
    group.fail(snapshot.id, error.message);
    failures.push({item: snapshot.id, where: region, error});
  }
}

function recordOf({run, ec2}: Applying, {region, lineage, snapshot}: Candidate): object {
  return {
    time: new Date(ec2.clock.now()).toISOString(),
    run: run.runId,
    task: 'trim_snapshots',
    event: 'delete-snapshot',
    region,
    snapshot: snapshot.id,
    volume: lineage.volume,
    why: snapshot.reasons.join('; '),
  };
}

function stay({run}: Applying, {region, snapshot}: Candidate, reason: string, group: ProgressGroup): void {
  group.skip(snapshot.id, reason);
  run.skip({item: snapshot.id, where: region, reason});
}

/** AWS itself kept it: an image or a lock came in between. */
function isHeld({code, message}: FtaskError): boolean {
  return code === 'InvalidSnapshot.InUse' || /\blocked\b|SnapshotLocked/i.test(`${code} ${message}`);
}
