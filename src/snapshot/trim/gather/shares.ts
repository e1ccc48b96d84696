/** Who else may use snapshots: asked of those only that would be deleted, since it takes a call for each. */
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {sharedWith} from '../../../ec2/snapshots/shares.ts';
import type {Look} from './look.ts';

/** Who else may use these; those that are gone meanwhile are nobody's. @throws Ec2Error */
export async function sharesOf(
  {ec2, signal}: Look,
  region: Region,
  ids: readonly SnapshotId[],
): Promise<Map<SnapshotId, string[]>> {
  const shared = new Map<SnapshotId, string[]>();
  await Promise.all(
    ids.map(async (id) => {
      const accounts = await sharedWith(ec2, region, id, signal);
      if (accounts.length > 0) shared.set(id, accounts);
    }),
  );
  return shared;
}
