/** Carries out a plan for one destination: its items side by side, each with an outcome of its own. */
import {forEachLimited} from '../concurrency.ts';
import {FtaskError, InterruptedError} from '../errors.ts';
import type {ItemFailure} from '../runner/outcome.ts';
import type {ProgressGroup} from '../runner/progress.ts';
import {counted} from '../words.ts';
import {thisOwner} from './lock/owner.ts';
import {RegionLocks} from './lock/region-locks.ts';
import type {PlanItem} from './plan/plan.ts';
import {type ItemWish, replicateItem} from './replicate-item.ts';
import type {ReplicatedSnapshot, ReplicationTools} from './request.ts';
import {isNew} from './rows.ts';

export interface Destination extends Omit<ItemWish, 'locks' | 'say'> {
  readonly group: ProgressGroup;
}

/** What became of all items so far. */
export interface Replicated {
  readonly rows: ReplicatedSnapshot[];
  readonly failures: ItemFailure[];
}

/**
 * Replicates all of them, as many at a time as the method bears. One that fails stops none. After Ctrl-C nothing more is
 * begun; what AWS makes without us is told. All locks are given back. @throws only what is no item's failure
 */
export async function carryOut(
  tools: ReplicationTools,
  items: readonly PlanItem[],
  {group, ...wish}: Destination,
): Promise<Replicated> {
  const replicated: Replicated = {rows: [], failures: []};
  if (items.length === 0) return replicated;
  const {run, ec2, method} = tools;
  const {expiryMs, publicKey} = tools.locking;
  const owner = await thisOwner();
  const warn = (text: string): void => run.progress.warn(text);
  const locks = new RegionLocks(ec2, wish.to, {run: run.runId, owner, publicKey, expiryMs, warn});
  const undo = run.undo.push(`locks in ${wish.to}`, () => locks.close());
  try {
    await forEachLimited(inOrder(items), method.concurrency, (item) =>
      carryOutOne(tools, item, {...wish, group, locks}, replicated),
    );
  } finally {
    await undo
      .run()
      .catch((error: Error) => warn(`${wish.to}: locks stay until they expire: ${error.message}`));
  }
  return replicated;
}

async function* inOrder(items: readonly PlanItem[]): AsyncGenerator<PlanItem> {
  yield* items;
}

async function carryOutOne(
  tools: ReplicationTools,
  item: PlanItem,
  {group, ...wish}: Destination & Pick<ItemWish, 'locks'>,
  {rows, failures}: Replicated,
): Promise<void> {
  const {run} = tools;
  const {id, region, sizeGiB} = item.source;
  const leave = (reason: string): void => {
    group.skip(id, reason);
    run.skip({item: id, where: wish.to, reason});
  };
  if (run.signal.aborted) return leave('not begun: interrupted');
  group.start(id, `${sizeGiB} GiB from ${region}`);
  try {
    const row = await replicateItem(tools, item, {...wish, say: (text) => group.update(id, text)});
    rows.push(row);
    if (isNew(row)) group.done(id, `${row.snapshotId} ${row.state}`);
    else group.skip(id, `${row.snapshotId} is there`);
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    if (error instanceof InterruptedError) return leave('interrupted: nothing made');
    if (error.cause instanceof InterruptedError) return leave(error.message);
    group.fail(id, error.message);
    failures.push({item: id, where: wish.to, error});
  }
}

/** How a destination's row ends. */
export function closingText({rows, failures}: Replicated, present: number): string {
  const made = rows.filter(isNew).length;
  const there = present + rows.length - made;
  const parts = [
    ...(made > 0 ? [counted(made, 'replica')] : []),
    ...(there > 0 ? [`${there} there already`] : []),
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
  ];
  return parts.join(', ') || 'nothing to replicate';
}
