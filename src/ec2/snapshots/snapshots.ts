/** EBS snapshots: listing those of a run or a set, and deleting one. */
import type {Filter, Snapshot as RawSnapshot} from '@aws-sdk/client-ec2';
import {type Ec2, pages} from '../client.ts';
import {isSnapshotGone} from '../errors.ts';
import type {Region, SnapshotId} from '../ids.ts';
import {type Origin, readOrigin} from './origin.ts';

/** `recoverable` and `recovering` are those of the Recycle Bin. */
export type SnapshotState = 'pending' | 'completed' | 'error' | 'recoverable' | 'recovering';

export interface Snapshot {
  readonly id: SnapshotId;
  readonly state: SnapshotState;
  /** AWS's reason, with state `error`. */
  readonly stateMessage?: string;
  /** As AWS words it: `42%`. */
  readonly progress: string;
  readonly sizeGiB: number;
  readonly origin: Origin;
}

/** Every snapshot that a run has made in a region, whatever its state. */
export function snapshotsOfRun(
  ec2: Ec2,
  region: Region,
  run: string,
  signal?: AbortSignal,
): Promise<Snapshot[]> {
  return snapshotsWhere(ec2, region, [{Name: 'tag:ftask:run', Values: [run]}], signal);
}

/** The snapshots of one creating call. */
export function snapshotsOfSet(
  ec2: Ec2,
  region: Region,
  set: string,
  signal?: AbortSignal,
): Promise<Snapshot[]> {
  return snapshotsWhere(ec2, region, [{Name: 'tag:ftask:set', Values: [set]}], signal);
}

export interface DeleteOptions {
  /** Ends the wait for its turn, not the call itself. */
  readonly signal?: AbortSignal;
  /** Done once, when its turn has come, before anything is asked of AWS; if it throws, nothing is. */
  readonly before?: () => Promise<void>;
}

/** Deletes a snapshot. One that is gone already counts as deleted, so it may be called twice. */
export async function deleteSnapshot(
  ec2: Ec2,
  region: Region,
  id: SnapshotId,
  {signal, before}: DeleteOptions = {},
): Promise<void> {
  let isTold = false;
  try {
    await ec2.call(region, 'DeleteSnapshot', {SnapshotId: id}, signal, async (send) => {
      if (!isTold) await before?.();
      isTold = true;
      signal?.throwIfAborted();
      return send();
    });
  } catch (error) {
    if (!isSnapshotGone(error)) throw error;
  }
}

/** Makes a snapshot of what EC2 tells of one. */
export function snapshotOf(raw: RawSnapshot): Snapshot {
  return {
    id: raw.SnapshotId as SnapshotId,
    state: (raw.State ?? 'pending') as SnapshotState,
    ...(raw.StateMessage ? {stateMessage: raw.StateMessage} : {}),
    progress: raw.Progress ?? '',
    sizeGiB: raw.VolumeSize ?? 0,
    origin: readOrigin(raw),
  };
}

async function snapshotsWhere(
  ec2: Ec2,
  region: Region,
  Filters: Filter[],
  signal?: AbortSignal,
): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for await (const page of pages(ec2, region, 'DescribeSnapshots', {OwnerIds: ['self'], Filters}, signal)) {
    for (const raw of page.Snapshots ?? []) found.push(snapshotOf(raw));
  }
  return found;
}
