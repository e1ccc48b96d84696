/** The archive tier: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html */
import {type Ec2, pages} from '../client.ts';
import {filtersBy} from '../filters.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** When each of these archived snapshots came into the archive, in milliseconds. */
export async function archivedAt(
  ec2: Ec2,
  region: Region,
  ids: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<Map<SnapshotId, number>> {
  const archived = new Map<SnapshotId, number>();
  for (const filter of filtersBy('snapshot-id', ids)) {
    const input = {Filters: [filter]};
    for await (const page of pages(ec2, region, 'DescribeSnapshotTierStatus', input, signal)) {
      for (const {SnapshotId, ArchivalCompleteTime} of page.SnapshotTierStatuses ?? []) {
        if (ArchivalCompleteTime) archived.set(SnapshotId as SnapshotId, ArchivalCompleteTime.getTime());
      }
    }
  }
  return archived;
}
