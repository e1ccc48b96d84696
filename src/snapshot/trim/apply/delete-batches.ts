/** Deletes snapshots a batch after the other, each looked at just before and written into the journal first. */
import {forEachLimited} from '../../../concurrency.ts';
import type {Ec2} from '../../../ec2/client.ts';
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {deleteSnapshot} from '../../../ec2/snapshots/snapshots.ts';
import {FtaskError, InterruptedError, RefusedError} from '../../../errors.ts';
import type {Journal} from '../../../journal/journal.ts';
import type {ItemFailure} from '../../../runner/outcome.ts';
import type {ProgressGroup} from '../../../runner/progress.ts';
import type {RunContext} from '../../../runner/task.ts';

/** What deleting works with, and what became of it so far. */
export interface Deleting<Row> {
  readonly run: RunContext;
  readonly ec2: Ec2;
  readonly journal: Journal;
  /** Of what was deleted. */
  readonly rows: Row[];
  readonly failures: ItemFailure[];
}

/** What is to be deleted in one region. */
export interface RegionDeletes<One, Row> {
  readonly region: Region;
  readonly batches: readonly (readonly One[])[];
  readonly idOf: (one: One) => SnapshotId;
  /** The last look at a batch. */
  readonly lookAgain: (batch: readonly One[]) => Promise<LastLook<One>>;
  /** What the journal keeps of it, beside when, by whom and where. */
  readonly recordOf: (one: One) => object;
  readonly rowOf: (one: One) => Row;
}

export interface LastLook<One> {
  /** What may still be deleted. */
  readonly unchanged: readonly One[];
  readonly changed: readonly {readonly candidate: One; readonly reason: string}[];
}

/** While one batch is deleted the next ones are looked at, so that no token for a delete is left unused. */
const BATCHES_AT_ONCE = 3;

/**
 * Deletes in all regions side by side; one that fails stops none, and goes into `failures`. May be called again after a
 * kill: what is gone counts as deleted. After Ctrl-C it starts nothing more, and returns when what was under way has ended.
 */
export async function deleteBatches<One, Row>(
  deleting: Deleting<Row>,
  regions: readonly RegionDeletes<One, Row>[],
): Promise<void> {
  const ended = await Promise.allSettled(regions.map((deletes) => deleteInRegion(deleting, deletes)));
  if (deleting.run.signal.aborted) return;
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

async function deleteInRegion<One, Row>(
  deleting: Deleting<Row>,
  deletes: RegionDeletes<One, Row>,
): Promise<void> {
  const {run} = deleting;
  const {region, batches} = deletes;
  if (batches.length === 0) return;
  const group = run.progress.group(region);
  group.expect(batches.flat().length);
  const work = (batch: readonly One[]) => deleteBatch(deleting, deletes, batch, group);
  try {
    await forEachLimited(untilAborted(batches, run.signal), BATCHES_AT_ONCE, work);
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

async function deleteBatch<One, Row>(
  deleting: Deleting<Row>,
  deletes: RegionDeletes<One, Row>,
  batch: readonly One[],
  group: ProgressGroup,
): Promise<void> {
  const {region, idOf, lookAgain} = deletes;
  const telling: Telling<One> = {
    done: (one) => group.done(idOf(one)),
    stay: (one, reason) => {
      group.skip(idOf(one), reason);
      deleting.run.skip({item: idOf(one), where: region, reason});
    },
    fail: (one, error) => {
      group.fail(idOf(one), error.message);
      deleting.failures.push({item: idOf(one), where: region, error});
    },
  };
  try {
    const {unchanged, changed} = await lookAgain(batch);
    for (const {candidate, reason} of changed) telling.stay(candidate, reason);
    await Promise.all(unchanged.map((one) => deleteOne(deleting, deletes, one, telling)));
  } catch (error) {
    if (!isItems(error)) throw error;
    for (const one of batch) telling.fail(one, error);
  }
}

interface Telling<One> {
  readonly done: (one: One) => void;
  readonly stay: (one: One, reason: string) => void;
  readonly fail: (one: One, error: FtaskError) => void;
}

/** Whether a failure is one of snapshots, not of the run as a whole. */
function isItems(error: unknown): error is FtaskError {
  const isWhole = error instanceof InterruptedError || error instanceof RefusedError;
  return error instanceof FtaskError && !isWhole;
}

async function deleteOne<One, Row>(
  {run, ec2, journal, rows}: Deleting<Row>,
  {region, idOf, recordOf, rowOf}: RegionDeletes<One, Row>,
  one: One,
  {done, stay, fail}: Telling<One>,
): Promise<void> {
  const id = idOf(one);
  const before = () => {
    const time = new Date(ec2.clock.now()).toISOString();
    const what = {time, run: run.runId, event: 'delete-snapshot', region, snapshot: id};
    return journal.append({...what, ...recordOf(one)});
  };
  try {
    await deleteSnapshot(ec2, region, id, {signal: run.signal, before});
    rows.push(rowOf(one));
    done(one);
  } catch (error) {
    if (error instanceof InterruptedError) return;
    if (!isItems(error)) throw error;
    if (isHeld(error)) stay(one, error.message);
    else fail(one, error);
  }
}

/** AWS itself kept it: an image or a lock came in between. */
function isHeld({code, message}: FtaskError): boolean {
  return code === 'InvalidSnapshot.InUse' || /\blocked\b|SnapshotLocked/i.test(`${code} ${message}`);
}
