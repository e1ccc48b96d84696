/** Everything that retention must know of one region, asked of AWS in as few calls as it takes. */
import {Ec2Error, LostAnswerError, NotPermittedError} from '../../../ec2/errors.ts';
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {archivedAt} from '../../../ec2/snapshots/archive.ts';
import {imagesBySnapshot} from '../../../ec2/snapshots/image-use.ts';
import {lockedSnapshots} from '../../../ec2/snapshots/locks.ts';
import {type OwnSnapshot, ownSnapshots} from '../../../ec2/snapshots/own-snapshots.ts';
import type {CopiesUnderWay} from './copies.ts';
import {UNUSED, type Uses} from './holds.ts';
import type {Look} from './look.ts';
import type {Untold} from './untold.ts';

export interface RegionFacts {
  readonly region: Region;
  readonly snapshots: readonly OwnSnapshot[];
  /** Shares are not among them: AWS tells them of one snapshot a call. */
  readonly uses: Uses;
}

/** Lists a region. Only reads; may be called again at any time. @throws Ec2Error */
export async function gatherRegion(
  look: Look,
  region: Region,
  {copies, untold}: {readonly copies: CopiesUnderWay; readonly untold: Untold},
): Promise<RegionFacts> {
  const {ec2, signal} = look;
  const [snapshots, images, locked] = await Promise.all([
    ownSnapshots(ec2, region, signal),
    imagesBySnapshot(ec2, region, undefined, signal),
    locksIfTold(look, region, (error) =>
      untold.add(region, 'which snapshots are locked is not told, AWS keeps them', error),
    ),
  ]);
  const archived = snapshots.filter(({isArchived}) => isArchived).map(({id}) => id);
  const uses = {
    ...UNUSED,
    images,
    locked,
    archivedAt: await archivedAtIfTold(look, region, {ids: archived, untold}),
    copies,
  };
  return {region, snapshots, uses};
}

/** AWS itself refuses to delete a locked snapshot, so this may be unknown: to moto, to policies older than locks. */
export async function locksIfTold(
  {ec2, signal}: Look,
  region: Region,
  untold: (error: Ec2Error) => void,
  ids?: readonly SnapshotId[],
): Promise<Map<SnapshotId, number>> {
  try {
    return await lockedSnapshots(ec2, region, ids, signal);
  } catch (error) {
    if (!isUntold(error)) throw error;
    untold(error);
    return new Map();
  }
}

/** Without it nothing in the archive is deleted. */
async function archivedAtIfTold(
  {ec2, signal}: Look,
  region: Region,
  {ids, untold}: {readonly ids: readonly SnapshotId[]; readonly untold: Untold},
): Promise<Map<SnapshotId, number>> {
  try {
    return await archivedAt(ec2, region, ids, signal);
  } catch (error) {
    if (!isUntold(error)) throw error;
    untold.add(region, 'since when snapshots are archived is not told, they stay', error);
    return new Map();
  }
}

function isUntold(error: unknown): error is Ec2Error {
  if (error instanceof NotPermittedError || error instanceof LostAnswerError) return true;
  return error instanceof Ec2Error && /^(InvalidAction|UnsupportedOperation)$/.test(error.code);
}
