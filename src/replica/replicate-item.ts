/** One snapshot into one region: locked, looked for once more, made by the method. */
import type {Region} from '../ec2/ids.ts';
import {type FtaskError, RefusedError} from '../errors.ts';
import {replicasNow} from './gather.ts';
import {replicaIdentity} from './identity.ts';
import {respectMarker} from './lock/fabfile-marker.ts';
import type {Lock, RegionLocks} from './lock/region-locks.ts';
import {isDone, type PlanItem, standing} from './plan/plan.ts';
import {type Lineage, lineageOf} from './plan/source.ts';
import type {ReplicatedSnapshot, ReplicationTools} from './request.ts';
import {rowOf} from './rows.ts';

export interface ItemWish {
  readonly to: Region;
  readonly locks: RegionLocks;
  /** Keys of tags that a replica has in any case. */
  readonly firmTags: readonly string[];
  /** Makes one more though there is one already. */
  readonly force: boolean;
  readonly say: (text: string) => void;
}

/** What a killed run made last is in listings after that. Source: "Eventual consistency in the Amazon EC2 API". */
const SETTLE_MS = 15_000;

/** @throws RefusedError when somebody else is at it, and nothing was done then; what the method throws */
export async function replicateItem(
  tools: ReplicationTools,
  item: PlanItem,
  wish: ItemWish,
): Promise<ReplicatedSnapshot> {
  const {run} = tools;
  const {to, locks, say} = wish;
  say('taking the lock');
  const lock = await locks.take(lineageFor(item));
  try {
    return await underLock(tools, item, wish, lock);
  } finally {
    await lock.release().catch((error: FtaskError) => {
      run.progress.warn(`${to}: a lock stays until it expires: ${error.message}`);
    });
  }
}

function lineageFor({source}: PlanItem): Lineage {
  const lineage = lineageOf(source);
  if (lineage) return lineage;
  throw new RefusedError('NotReplicable', `${source.id} is a copy that does not tell which volume it is of`, {
    hint: 'Tag it: ftask:volume, ftask:region (where that volume is) and ftask:time (of the data, 2026-11-21T07:50:00Z).',
  });
}

async function underLock(
  {run, ec2, method, locking}: ReplicationTools,
  item: PlanItem,
  {to, force, firmTags, say}: ItemWish,
  lock: Lock,
): Promise<ReplicatedSnapshot> {
  const {source} = item;
  const {signal, progress} = run;
  if (lock.isTakenOver) {
    say('waiting for what the other run has made last');
    await ec2.clock.sleep(SETTLE_MS, signal);
  }
  say('looking for replicas');
  const [there] = force ? [] : await replicasNow({ec2, signal}, to, source);
  const {replica: _, ...bare} = item;
  const now: PlanItem = there ? {...bare, replica: standing(there)} : bare;
  if (there && isDone(there, method.compares)) return rowOf(now, {to, method: method.name, state: 'present'});
  if (!there) await respectMarker({ec2, progress, signal, speed: locking.speed}, to, source);
  const {dropped, ...identity} = replicaIdentity(source, run.runId, {
    always: firmTags,
    compares: method.compares,
  });
  if (dropped.length > 0)
    progress.warn(`${source.id}: no room on its replica for the tags ${dropped.join(', ')}`);
  const made = await method.make({
    item: now,
    to,
    ...identity,
    ...(there && {adopt: there.id}),
    mayCreate: () => lock.check(),
    say,
  });
  const state = made.id === there?.id ? 'adopted' : 'copied';
  return rowOf(now, {to, method: method.name, state, made});
}
