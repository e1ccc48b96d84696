/** Who else may use a snapshot. */
import type {Ec2} from '../client.ts';
import {isSnapshotGone} from '../errors.ts';
import type {Region, SnapshotId} from '../ids.ts';

/**
 * The accounts that a snapshot is shared with, `all` for everybody; one that is gone is nobody's. AWS tells it of one
 * snapshot a call.
 */
export async function sharedWith(
  ec2: Ec2,
  region: Region,
  id: SnapshotId,
  signal?: AbortSignal,
): Promise<string[]> {
  try {
    const input = {SnapshotId: id, Attribute: 'createVolumePermission'} as const;
    const answer = await ec2.call(region, 'DescribeSnapshotAttribute', input, signal);
    return (answer.CreateVolumePermissions ?? []).map(({UserId, Group}) => UserId ?? Group ?? '');
  } catch (error) {
    if (isSnapshotGone(error)) return [];
    throw error;
  }
}
