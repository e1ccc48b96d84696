/** Says what the Recycle Bin has kept: it can be had back, and is billed. */
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {recycleBin} from '../../../ec2/snapshots/recycle-bin.ts';
import {FtaskError} from '../../../errors.ts';
import {untilText} from '../gather/holds.ts';
import type {Look} from '../gather/look.ts';

export interface Deleted {
  readonly snapshotId: SnapshotId;
  readonly region: Region;
}

/** Asks once a region in which something was deleted. Where that is not permitted, nothing is said but with `-v`. */
export async function tellRecycleBin(look: Look, rows: readonly Deleted[]): Promise<void> {
  const regions = [...new Set(rows.map(({region}) => region))];
  await Promise.all(
    regions.map((region) =>
      tellOf(
        look,
        region,
        rows.filter((row) => row.region === region),
      ),
    ),
  );
}

async function tellOf(
  {ec2, progress, signal}: Look,
  region: Region,
  rows: readonly Deleted[],
): Promise<void> {
  try {
    const bin = await recycleBin(ec2, region, signal);
    const ends = rows.flatMap(({snapshotId}) => bin.get(snapshotId) ?? []);
    if (ends.length === 0) return;
    const lastMs = ends.reduce((latest, end) => Math.max(latest, end));
    progress.note(`${region}: ${ends.length} of them stay in the Recycle Bin${untilText(lastMs)}`);
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    progress.debug(`${region}: the Recycle Bin is not told: ${error.message}`);
  }
}
