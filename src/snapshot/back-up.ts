/** Backs up instances: snapshots of all their volumes, each instance at one point in time. */
import type {Ec2} from '../ec2/client.ts';
import {FtaskError} from '../errors.ts';
import {type ItemFailure, SomeFailed} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';
import {backUpRegion, type RegionResult} from './back-up-region.ts';
import type {Backup, BackupRequest, VolumeBackup} from './request.ts';

/**
 * Snapshots every selected instance, all regions side by side. Each set is a backup of its own: what
 * was made stays when others fail or the operator stops the run. With `run.resumed`, sets that the
 * run has made before are adopted and not made again.
 * @throws SomeFailed with everything that was made, when an instance or a region failed
 * @throws FtaskError `NothingToBackUp` when nothing was selected, unless that is allowed
 */
export async function backUp(
  run: RunContext,
  ec2: Ec2,
  request: BackupRequest,
): Promise<readonly VolumeBackup[]> {
  const backup: Backup = {run, ec2, request, failures: []};
  if (!request.dryRun)
    run.progress.note(`run ${run.runId}; if it is cut off, --resume and this id finish it`);
  const results = await Promise.all(request.regions.map((region) => backUpRegion(backup, region)));
  const rows = results.flatMap(({rows}) => rows);
  const {failures} = backup;
  if (run.signal.aborted) throw new SomeFailed('interrupted; what was made stays', rows, failures);
  if (failures.length > 0) {
    throw new SomeFailed(`${failures.length} of ${attempted(results, failures)} failed`, rows, failures);
  }
  if (rows.length === 0 && !request.allowEmpty) throw nothingToBackUp(request, results);
  return rows;
}

function attempted(results: readonly RegionResult[], failures: readonly ItemFailure[]): string {
  const instances = results.reduce((sum, {matched}) => sum + matched, 0);
  const regions = failures.filter(({item, where}) => item === where).length;
  return regions === 0 ? `${instances} instances` : `${instances} instances in ${results.length} regions`;
}

function nothingToBackUp({regions, selection}: BackupRequest, results: readonly RegionResult[]): FtaskError {
  const matched = results.reduce((sum, result) => sum + result.matched, 0);
  const what =
    'instance' in selection
      ? `instance ${selection.instance}`
      : `instance with tag ${selection.tag.name}=${selection.tag.value}`;
  const message =
    matched === 0
      ? `no ${what} in ${regions.join(', ')}`
      : `nothing to back up: all ${matched} matching instances were skipped`;
  return new FtaskError('NothingToBackUp', message, {
    hint: 'Check the region and the tag; --allow-empty makes this a success.',
  });
}
