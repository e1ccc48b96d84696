/** What keeps a trim from being carried out at all. Pure. */
import type {Region} from '../../ec2/ids.ts';
import {RefusedError} from '../../errors.ts';
import type {LineagePlan, PlannedSnapshot, RegionPlan, TrimPlan} from './plan.ts';

/** @throws RefusedError when a plan is too good at deleting to be what anybody wants */
export function guard({regions, settings}: TrimPlan): void {
  for (const plan of regions) {
    refuseFailing(plan);
    refuseTooMany(plan, settings.maxDeletePercent);
  }
}

/** Backups that only ever fail are no history to thin out. */
function refuseFailing({region, lineages}: RegionPlan): void {
  for (const {volume, snapshots} of lineages) {
    const hasFailed = snapshots.some(({state}) => state === 'error');
    if (!hasFailed || snapshots.some(({state}) => state !== 'error')) continue;
    const message = `all ${snapshots.length} snapshots of ${volume} in ${region} are in state error: its backups fail`;
    throw new RefusedError('NoCompletedSnapshot', message, {
      hint: 'Find out why, then take the failed ones away with `ftask delete_broken_snapshots`.',
    });
  }
}

function refuseTooMany({region, lineages}: RegionPlan, percent: number): void {
  const backups = countWhere(lineages, ({state}) => state === 'completed');
  const deletes = countWhere(lineages, ({verdict}) => verdict === 'delete');
  if (deletes * 100 <= backups * percent) return;
  throw new RefusedError('TooManyDeletes', tooMany(region, deletes, backups, percent), {
    hint: 'The plan is shown above; --max-delete-percent raises the limit.',
  });
}

function countWhere(lineages: readonly LineagePlan[], test: (snapshot: PlannedSnapshot) => boolean): number {
  return lineages.reduce((sum, {snapshots}) => sum + snapshots.filter(test).length, 0);
}

function tooMany(region: Region, deletes: number, backups: number, percent: number): string {
  return `${deletes} of the ${backups} completed snapshots in ${region} would be deleted, more than ${percent} percent`;
}
