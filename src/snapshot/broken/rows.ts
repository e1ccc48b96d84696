/** What is told of each snapshot that ended in error. */
import type {OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';
import {ageText} from '../../words.ts';
import type {TrimmedSnapshot} from '../trim/request.ts';

/** A snapshot in state error that was deleted, or would be. */
export interface BrokenSnapshot
  extends Pick<
    TrimmedSnapshot,
    'snapshotId' | 'volumeId' | 'region' | 'time' | 'sizeGiB' | 'instanceId' | 'device'
  > {
  /** Since AWS began to make it: `93d`. */
  readonly age: string;
  /** AWS's reason; empty where it gave none. */
  readonly why: string;
  readonly state: 'deleted' | 'would delete';
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
