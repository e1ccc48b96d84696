/** Which snapshots the account's own machine images are made of. */
import type {Filter} from '@aws-sdk/client-ec2';
import {type Ec2, pages} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';

/**
 * The image that uses it, by snapshot: of all own ones, deprecated and disabled ones too, or of up to 200 snapshots.
 * Such a snapshot cannot be deleted before its image is deregistered.
 */
export async function imagesBySnapshot(
  ec2: Ec2,
  region: Region,
  snapshots?: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<Map<SnapshotId, string>> {
  const used = new Map<SnapshotId, string>();
  const filters: Filter[] = snapshots
    ? [{Name: 'block-device-mapping.snapshot-id', Values: [...snapshots]}]
    : [];
  const input = {
    Owners: ['self'],
    IncludeDeprecated: true,
    IncludeDisabled: true,
    ...(snapshots && {Filters: filters}),
  };
  for await (const page of pages(ec2, region, 'DescribeImages', input, signal)) {
    for (const {ImageId = '', BlockDeviceMappings = []} of page.Images ?? []) {
      for (const {Ebs} of BlockDeviceMappings)
        if (Ebs?.SnapshotId) used.set(Ebs.SnapshotId as SnapshotId, ImageId);
    }
  }
  return used;
}
