/** Locked snapshots: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshot-lock.html */
import {type Ec2, pages} from '../client.ts';
import {isSnapshotGone} from '../errors.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** Until when each locked snapshot is locked, in milliseconds: of all in the region, or of these at least. */
export async function lockedSnapshots(
  ec2: Ec2,
  region: Region,
  snapshots?: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<Map<SnapshotId, number>> {
  const locked = new Map<SnapshotId, number>();
  // AWS refuses pages of a list of ids.
  const input = snapshots ? {SnapshotIds: [...snapshots], MaxResults: undefined} : {};
  try {
    for await (const page of pages(ec2, region, 'DescribeLockedSnapshots', input, signal)) {
      for (const {SnapshotId, LockState, LockExpiresOn} of page.Snapshots ?? []) {
        if (LockState === undefined || LockState === 'expired') continue;
        locked.set(SnapshotId as SnapshotId, LockExpiresOn?.getTime() ?? Number.POSITIVE_INFINITY);
      }
    }
    return locked;
  } catch (error) {
    // One that is gone meanwhile fails the question for all of them.
    if (snapshots === undefined || !isSnapshotGone(error)) throw error;
    return lockedSnapshots(ec2, region, undefined, signal);
  }
}
