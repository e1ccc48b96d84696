/** Replicates one snapshot that the operator names. */
import type {Region, SnapshotId} from '../ec2/ids.ts';
import {snapshotsById} from '../ec2/snapshots/own-snapshots.ts';
import {RefusedError} from '../errors.ts';
import {carryOut} from './carry-out.ts';
import {type Look, snapshotsIn} from './gather.ts';
import {concluded} from './outcome.ts';
import {type LeftOutReason, type PlanItem, planReplication} from './plan/plan.ts';
import type {Source} from './plan/source.ts';
import type {ReplicatedSnapshot, ReplicationTools} from './request.ts';
import {rowOf} from './rows.ts';

export interface SnapshotRequest {
  readonly snapshot: SnapshotId;
  readonly from: Region;
  readonly to: Region;
  /** Where else it is looked for, so that the operator can be told. */
  readonly elsewhere: readonly Region[];
  readonly firmTags: readonly string[];
  /** Makes one more though there is one already. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

const WHAT_TO_DO: Readonly<Partial<Record<LeftOutReason, string>>> = {
  'not complete yet': 'Wait until it is.',
  'ended in error': 'Take another snapshot of the same volume.',
  'in the archive': 'Restore it first: aws ec2 restore-snapshot-tier.',
  'tells of no volume':
    'Tag it: ftask:volume, ftask:region (where that volume is) and ftask:time (of the data, 2026-11-21T07:50:00Z).',
};

/**
 * Its row: of the replica that was made, or of the one that is there.
 * @throws RefusedError when it cannot be replicated, or others are at it; what the method throws
 */
export async function replicateSnapshot(
  tools: ReplicationTools,
  request: SnapshotRequest,
): Promise<readonly ReplicatedSnapshot[]> {
  const {run, ec2, method} = tools;
  const {to, force, firmTags, dryRun} = request;
  const look = {ec2, signal: run.signal};
  const group = run.progress.group(to);
  try {
    const item = await planOne(look, request, method.compares);
    if (item.action === 'present') {
      group.close(`${item.replica?.id} is there already`);
      return [rowOf(item, {to, method: method.name, state: 'present'})];
    }
    await method.prepare(to, item.source);
    if (dryRun) {
      const state = item.action === 'adopt' ? 'would adopt' : 'would copy';
      return [rowOf(item, {to, method: method.name, state})];
    }
    group.expect(1);
    const done = await carryOut(tools, [item], {to, group, firmTags, force});
    const [failure] = done.failures;
    if (failure && !run.signal.aborted) throw failure.error;
    return concluded(run, done);
  } finally {
    group.close();
  }
}

async function planOne(look: Look, request: SnapshotRequest, compares: boolean): Promise<PlanItem> {
  const {to, force} = request;
  const source = await findSource(look, request);
  const replicas = await snapshotsIn(look, to);
  const nowMs = look.ec2.clock.now();
  const {items, leftOut} = planReplication([source], replicas, {nativeOnly: false, nowMs, compares});
  const [item] = items;
  if (item && force) return withoutReplica(item);
  if (item) return item;
  const reason = leftOut[0]?.reason ?? 'tells of no volume';
  throw notReplicable(`${source.id} in ${source.region} ${sentence(reason, source)}`, WHAT_TO_DO[reason]);
}

function withoutReplica({replica: _, ...item}: PlanItem): PlanItem {
  return {...item, action: 'copy'};
}

function sentence(reason: LeftOutReason, {progress, stateMessage}: Source): string {
  if (reason === 'not complete yet') return `is not complete yet (${progress || '0%'})`;
  if (reason === 'ended in error')
    return `ended in error${stateMessage === undefined ? '' : `: ${stateMessage}`}`;
  return reason === 'tells of no volume' ? 'is a copy that tells of no volume' : `is ${reason}`;
}

async function findSource(
  {ec2, signal}: Look,
  {snapshot: id, from, elsewhere}: SnapshotRequest,
): Promise<Source> {
  const [found] = await snapshotsById(ec2, from, [id], signal);
  if (found) return {...found, region: from};
  // Only for the hint: a region that does not answer has nothing to say.
  const looks = elsewhere.map(async (region) => {
    const there = await snapshotsById(ec2, region, [id], signal).catch(() => []);
    return there.length > 0 ? region : undefined;
  });
  const place = (await Promise.all(looks)).find((region) => region !== undefined);
  signal.throwIfAborted();
  throw notReplicable(
    `there is no snapshot ${id} of this account in ${from}`,
    place
      ? `It is in ${place}: --src-region-name ${place}`
      : 'No other region has it either. Check the id; one that is shared by another account must be copied first.',
  );
}

function notReplicable(message: string, hint: string | undefined): RefusedError {
  return new RefusedError('NotReplicable', message, {...(hint !== undefined && {hint})});
}
