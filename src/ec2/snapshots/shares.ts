/** Who else may use a snapshot. */
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';

/** The accounts that a snapshot is shared with, `all` for everybody; AWS tells it of one snapshot a call. */
export async function sharedWith(
  ec2: Ec2,
  region: Region,
  id: SnapshotId,
  signal?: AbortSignal,
): Promise<string[]> {
  const answer = await ec2.call(
    region,
    'DescribeSnapshotAttribute',
    {SnapshotId: id, Attribute: 'createVolumePermission'},
    signal,
  );
  return (answer.CreateVolumePermissions ?? []).map(({UserId, Group}) => UserId ?? Group ?? '');
}
