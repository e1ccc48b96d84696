/** What is replicated into a region: the newest snapshot of every volume, the one that waits longest first. Pure. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import type {SnapshotState} from '../../ec2/snapshots/snapshots.ts';
import {indexReplicas, type Replicas} from './replicas.ts';
import {type Base, byId, isUncompared, lineageKey, lineageOf, type Replica, type Source} from './source.ts';

/** Make it, finish the one that is being made or was not compared yet, or leave it: it is there. */
export type PlanAction = 'copy' | 'adopt' | 'present';

/** What there is of a replica. */
export interface Standing {
  readonly id: SnapshotId;
  readonly state: SnapshotState;
  /** Its blocks were to be compared, and were not. */
  readonly isUncompared: boolean;
}

export interface PlanItem {
  readonly source: Source;
  readonly action: PlanAction;
  /** The one that is there, or is being made. */
  readonly replica?: Standing;
  readonly base?: Base;
  /** For how long it has been without a completed replica: since the time of its data. */
  readonly behindMs: number;
}

/** Why a snapshot is not replicated, though it may be the newest of its volume. */
export type LeftOutReason =
  | 'not complete yet'
  | 'ended in error'
  | 'in the archive'
  | 'born in another region'
  | 'born where it would go'
  | 'tells of no volume';

export interface LeftOut {
  readonly source: Source;
  readonly reason: LeftOutReason;
  /** An older one of the same volume is replicated in its place. */
  readonly isReplaced?: true;
}

export interface Plan {
  /** Of each volume one, the longest waiting first. */
  readonly items: readonly PlanItem[];
  /** In order of their ids. */
  readonly leftOut: readonly LeftOut[];
}

export interface PlanOptions {
  /** Only what was born in the region it is in. */
  readonly nativeOnly: boolean;
  /** Not what was born in this region: it needs no replica there. */
  readonly exceptBornIn?: Region;
  readonly nowMs: number;
  /** Replicas whose comparison was cut off are compared now. */
  readonly compares?: boolean;
}

/** `sources` are those that count, of one region or several; `replicas` all of the region that they go to. The order of neither matters. */
export function planReplication(
  sources: readonly Source[],
  replicas: readonly Replica[],
  options: PlanOptions,
): Plan {
  const there = indexReplicas(replicas);
  const {lineages, leftOut} = sortOut(sources, options);
  const items: PlanItem[] = [];
  for (const snapshots of lineages.values()) {
    snapshots.sort(newerFirst);
    const place = snapshots.findIndex((one) => obstacleOf(one) === undefined);
    const newest = snapshots[place];
    if (newest) items.push(planOne(newest, there, options));
    leftOut.push(...obstaclesIn(snapshots.slice(0, newest ? place : 1), newest !== undefined));
  }
  return {
    items: items.sort((a, b) => a.source.origin.timeMs - b.source.origin.timeMs || byId(a.source, b.source)),
    leftOut: leftOut.sort((a, b) => byId(a.source, b.source)),
  };
}

function sortOut(sources: readonly Source[], {nativeOnly, exceptBornIn}: PlanOptions) {
  const leftOut: LeftOut[] = [];
  const lineages = new Map<string, Source[]>();
  for (const source of sources) {
    const lineage = lineageOf(source);
    if (lineage === undefined) {
      leftOut.push({source, reason: 'tells of no volume'});
    } else if (nativeOnly && lineage.bornIn !== source.region) {
      leftOut.push({source, reason: 'born in another region'});
    } else if (lineage.bornIn === exceptBornIn) {
      leftOut.push({source, reason: 'born where it would go'});
    } else {
      const key = lineageKey(lineage);
      const others = lineages.get(key);
      if (others) others.push(source);
      else lineages.set(key, [source]);
    }
  }
  return {lineages, leftOut};
}

function planOne(source: Source, there: Replicas, {nowMs, compares = false}: PlanOptions): PlanItem {
  const [replica] = there.of(source);
  const base = there.baseOf(source);
  const action = replica === undefined ? 'copy' : isDone(replica, compares) ? 'present' : 'adopt';
  return {
    source,
    action,
    ...(replica && {replica: standing(replica)}),
    ...(base && {base}),
    behindMs: action === 'present' ? 0 : Math.max(0, nowMs - source.origin.timeMs),
  };
}

/** Whether nothing is left to do for it. */
export function isDone(replica: Replica, compares: boolean): boolean {
  return replica.state === 'completed' && !(compares && isUncompared(replica));
}

/** What a plan tells of it. */
export function standing(replica: Replica): Standing {
  return {id: replica.id, state: replica.state, isUncompared: isUncompared(replica)};
}

/** Why AWS would not copy it now. */
function obstacleOf({state, isArchived}: Source): LeftOutReason | undefined {
  if (state === 'pending') return 'not complete yet';
  if (state !== 'completed') return 'ended in error';
  return isArchived ? 'in the archive' : undefined;
}

function obstaclesIn(sources: readonly Source[], isReplaced: boolean): LeftOut[] {
  return sources.flatMap((source) => {
    const reason = obstacleOf(source);
    return reason === undefined ? [] : [{source, reason, ...(isReplaced && {isReplaced})}];
  });
}

/** Of one moment the original comes before copies of it. */
function newerFirst(a: Source, b: Source): number {
  return b.origin.timeMs - a.origin.timeMs || Number(a.isCopy) - Number(b.isCopy) || byId(a, b);
}
