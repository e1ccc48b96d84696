/** Copies that are being made, in whatever region: their sources must stay until they are complete. */
import {NotPermittedError} from '../../../ec2/errors.ts';
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {type OwnSnapshot, pendingSnapshots} from '../../../ec2/snapshots/own-snapshots.ts';
import type {Look} from './look.ts';
import type {Untold} from './untold.ts';

/** Where a copy of a snapshot is being made. */
export type CopiesUnderWay = ReadonlyMap<SnapshotId, Region>;

const SNAPSHOT_ID = /snap-[0-9a-f]+/g;

/** Looks for them in all these regions. Where that is not permitted `untold` is told of it. @throws Ec2Error */
export async function copiesUnderWay(
  look: Look,
  regions: readonly Region[],
  untold: Untold,
): Promise<CopiesUnderWay> {
  const targets = new Map<SnapshotId, Region>();
  await Promise.all(
    regions.map(async (region) => {
      for (const pending of await pendingIn(look, region, untold)) {
        for (const source of sourcesOf(pending)) targets.set(source, region);
      }
    }),
  );
  return targets;
}

async function pendingIn({ec2, signal}: Look, region: Region, untold: Untold): Promise<OwnSnapshot[]> {
  try {
    return await pendingSnapshots(ec2, region, signal);
  } catch (error) {
    if (!(error instanceof NotPermittedError)) throw error;
    untold.add(region, 'which copies are being made is not told', error);
    return [];
  }
}

/** AWS's own description of a copy names its source: "[Copied snap-... from eu-west-1]". */
function sourcesOf({origin, description}: OwnSnapshot): readonly SnapshotId[] {
  const told = origin.sourceSnapshot === undefined ? [] : [origin.sourceSnapshot];
  return [...told, ...(description.match(SNAPSHOT_ID) ?? [])] as SnapshotId[];
}
