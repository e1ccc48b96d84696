/** The Recycle Bin: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin.html */
import {type Ec2, pages} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** When each snapshot in the Recycle Bin of the region is gone for good, in milliseconds. */
export async function recycleBin(
  ec2: Ec2,
  region: Region,
  signal?: AbortSignal,
): Promise<Map<SnapshotId, number>> {
  const kept = new Map<SnapshotId, number>();
  for await (const page of pages(ec2, region, 'ListSnapshotsInRecycleBin', {}, signal)) {
    for (const {SnapshotId, RecycleBinExitTime} of page.Snapshots ?? []) {
      kept.set(SnapshotId as SnapshotId, RecycleBinExitTime?.getTime() ?? Number.POSITIVE_INFINITY);
    }
  }
  return kept;
}
