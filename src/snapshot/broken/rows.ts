/** What is told of each snapshot that ended in error. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import type {OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';
import {ageText} from '../trim/rows.ts';

/** A snapshot in state error that was deleted, or would be. */
export interface BrokenSnapshot {
  readonly snapshotId: SnapshotId;
  /** The volume that the data was born on. */
  readonly volumeId: string;
  readonly region: Region;
  /** The point in time of its data, ISO 8601, UTC. */
  readonly time: string;
  /** Since AWS began to make it: `93d`. */
  readonly age: string;
  readonly sizeGiB: number;
  /** AWS's reason; empty where it gave none. */
  readonly why: string;
  readonly state: 'deleted' | 'would delete';
  readonly instanceId: string | null;
  readonly device: string | null;
}

/** Its row. */
export function rowOf(
  {id, origin, startedMs, sizeGiB, stateMessage = ''}: OwnSnapshot,
  {region, state, nowMs}: Pick<BrokenSnapshot, 'region' | 'state'> & {readonly nowMs: number},
): BrokenSnapshot {
  return {
    snapshotId: id,
    volumeId: origin.volume,
    region,
    time: new Date(origin.timeMs).toISOString(),
    age: ageText(nowMs - startedMs),
    sizeGiB,
    why: stateMessage,
    state,
    instanceId: origin.instance ?? null,
    device: origin.device ?? null,
  };
}
