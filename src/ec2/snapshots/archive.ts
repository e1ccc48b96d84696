/** The archive tier: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html */
import {type Ec2, pages} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** Values that one filter takes. */
const MOST_VALUES = 200;

/** When each of these archived snapshots came into the archive, in milliseconds. */
export async function archivedAt(
  ec2: Ec2,
  region: Region,
  ids: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<Map<SnapshotId, number>> {
  const archived = new Map<SnapshotId, number>();
  for (let start = 0; start < ids.length; start += MOST_VALUES) {
    const Filters = [{Name: 'snapshot-id', Values: ids.slice(start, start + MOST_VALUES)}];
    for await (const page of pages(ec2, region, 'DescribeSnapshotTierStatus', {Filters}, signal)) {
      for (const {SnapshotId, ArchivalCompleteTime} of page.SnapshotTierStatuses ?? []) {
        if (ArchivalCompleteTime) archived.set(SnapshotId as SnapshotId, ArchivalCompleteTime.getTime());
      }
    }
  }
  return archived;
}
