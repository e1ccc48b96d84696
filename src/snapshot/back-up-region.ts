/** Backs up one region: its instances side by side, each with an outcome of its own. */
import {forEachLimited, readAhead} from '../concurrency.ts';
import type {Region} from '../ec2/ids.ts';
import {SnapshotPoller} from '../ec2/snapshots/poller.ts';
import {type Snapshot, snapshotsOfRun} from '../ec2/snapshots/snapshots.ts';
import {FtaskError, InterruptedError} from '../errors.ts';
import type {ItemFailure} from '../runner/outcome.ts';
import type {ProgressGroup} from '../runner/progress.ts';
import type {RunContext} from '../runner/task.ts';
import {lessConsistent, stillText} from './consistency/told.ts';
import {makeSet, type SetTools} from './make-set.ts';
import type {PlannedSet} from './plan.ts';
import {labelOf, planInstances} from './plan-instances.ts';
import type {Backup, BackupRequest, VolumeBackup} from './request.ts';
import {plannedRows, rowsOf} from './rows.ts';

/** After which a new snapshot is in listings. Source: "Eventual consistency in the Amazon EC2 API". */
const SETTLE_MS = 15_000;

export interface RegionResult {
  /** Instances that were selected, those that were skipped included. */
  readonly matched: number;
  readonly rows: readonly VolumeBackup[];
}

/**
 * Snapshots the selected instances of a region. Failures, the region's own among them, are added to the
 * backup's; the result, and the rows of failures, hold all that was made, whatever happened.
 */
export async function backUpRegion(backup: Backup, region: Region): Promise<RegionResult> {
  const {run, ec2, request} = backup;
  const group = run.progress.group(region);
  const rows: VolumeBackup[][] = [];
  const counts = {matched: 0, planned: 0, less: 0};
  try {
    group.say('looking for instances');
    const adopted = run.resumed ? await madeBefore(backup, region, group) : new Map<string, Snapshot[]>();
    const poller = new SnapshotPoller(ec2, region, {
      run: run.runId,
      intervalMs: request.pollIntervalMs,
      signal: run.signal,
    });
    const sets = readAhead(planInstances(backup, region, group, counts));
    await forEachLimited(sets, ec2.concurrency, async ({index, ...set}, onMade) => {
      rows[index] = request.dryRun
        ? plannedRows(backup, region, set)
        : await backUpInstance(backup, region, set, group, {adopted, poller, onMade, counts});
    });
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    fail(backup, group, {where: region, item: region, label: region, error});
  }
  const made = rows.flat();
  group.close(closingText(request, made.length, counts));
  return {matched: counts.matched, rows: made};
}

interface Counts {
  matched: number;
  planned: number;
  /** Snapshots that were made, but are less consistent than was asked for. */
  less: number;
}

function closingText({dryRun, consistent}: BackupRequest, volumes: number, {planned, less}: Counts): string {
  const what = consistent ? 'freeze and snapshot' : 'snapshot';
  if (dryRun) return `would ${what} ${count(volumes, 'volume')} of ${count(planned, 'instance')}`;
  const texts = [
    ...(volumes > 0 ? [count(volumes, 'snapshot')] : []),
    ...(less > 0 ? [`${count(less, 'snapshot')} less consistent than asked for`] : []),
  ];
  return texts.join(', ') || 'nothing made';
}

async function backUpInstance(
  backup: Backup,
  region: Region,
  set: PlannedSet,
  group: ProgressGroup,
  {counts, ...tools}: Omit<SetTools, 'say'> & {readonly counts: Counts},
): Promise<VolumeBackup[]> {
  const {run, request, failures} = backup;
  const {id} = set.instance;
  const stop = whyStop(run, request, failures);
  if (stop !== undefined) {
    group.skip(labelOf(set.instance), stop);
    run.skip({item: id, where: region, reason: stop});
    return [];
  }
  const label = labelOf(set.instance);
  group.start(label);
  try {
    const made = await makeSet(backup, region, set, {...tools, say: (text) => group.update(label, text)});
    const rows = rowsOf(region, set, made);
    const less = lessConsistent(made);
    if (less && !request.consistent?.bestEffort) {
      counts.less += rows.length;
      fail(backup, group, {where: region, item: id, label, error: less, row: rows});
      return [];
    }
    if (less) run.progress.warn(`${region} ${label}: ${less.message}`);
    const ids = made.snapshots.map((snapshot) => snapshot.id).join(' ');
    group.done(label, [ids, ...stillText(made)].join('; '));
    return rows;
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    fail(backup, group, {where: region, item: id, label, error});
    return [];
  }
}

function whyStop(
  {signal}: RunContext,
  {maxFailures}: BackupRequest,
  {length}: readonly ItemFailure[],
): string | undefined {
  if (signal.aborted) return 'not started: interrupted';
  if (maxFailures !== undefined && length >= maxFailures) return `not started: ${length} failures`;
  return undefined;
}

function fail(
  {run, failures}: Backup,
  group: ProgressGroup,
  {label, ...failure}: ItemFailure & {readonly where: Region; readonly label: string},
): void {
  const {item, where, error} = failure;
  // Ctrl-C is told once for the run and not for each instance that it caught waiting.
  if (error instanceof InterruptedError) {
    group.skip(label, 'interrupted');
    run.skip({item, where, reason: 'interrupted'});
    return;
  }
  group.fail(label, error.message);
  failures.push(failure);
}

/**
 * The sets that this run made before it was cut off. Waits first: what was made just before that may
 * not be visible yet, and would be made again.
 */
async function madeBefore(
  {run, ec2}: Backup,
  region: Region,
  group: ProgressGroup,
): Promise<Map<string, Snapshot[]>> {
  group.say('looking for what the run has made before');
  await ec2.clock.sleep(SETTLE_MS, run.signal);
  const sets = new Map<string, Snapshot[]>();
  for (const snapshot of await snapshotsOfRun(ec2, region, run.runId, run.signal)) {
    const set = snapshot.origin.set ?? '';
    const members = sets.get(set) ?? [];
    members.push(snapshot);
    sets.set(set, members);
  }
  return sets;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
