/** Backs up instances: snapshots of all their volumes, each instance at one point in time. */
import {forEachLimited, readAhead} from '../concurrency.ts';
import type {Ec2} from '../ec2/client.ts';
import type {Region} from '../ec2/ids.ts';
import {findInstance, findInstances, type Instance} from '../ec2/instances.ts';
import {SnapshotPoller} from '../ec2/poller.ts';
import {type Snapshot, snapshotsOfRun} from '../ec2/snapshots.ts';
import {volumesOf} from '../ec2/volumes.ts';
import {FtaskError, InterruptedError} from '../errors.ts';
import {type ItemFailure, SomeFailed} from '../runner/outcome.ts';
import type {ProgressGroup} from '../runner/progress.ts';
import type {RunContext} from '../runner/task.ts';
import {makeSet, type SetTools} from './make-set.ts';
import {type PlannedSet, Planner} from './plan.ts';
import type {Backup, BackupRequest, Selection, VolumeBackup} from './request.ts';

/** After which a new snapshot is in listings. Source: "Eventual consistency in the Amazon EC2 API". */
const SETTLE_MS = 15_000;

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

interface RegionResult {
  readonly matched: number;
  readonly rows: readonly VolumeBackup[];
}

async function backUpRegion(backup: Backup, region: Region): Promise<RegionResult> {
  const {run, ec2, request} = backup;
  const group = run.progress.group(region);
  const rows: VolumeBackup[][] = [];
  const counts = {matched: 0, planned: 0};
  try {
    group.say('looking for instances');
    const adopted = run.resumed ? await madeBefore(backup, region, group) : new Map<string, Snapshot[]>();
    const poller = new SnapshotPoller(ec2, region, {
      run: run.runId,
      intervalMs: request.pollIntervalMs,
      signal: run.signal,
    });
    const sets = readAhead(plan(backup, region, group, counts));
    await forEachLimited(sets, ec2.concurrency, async ({index, ...set}, onMade) => {
      rows[index] = request.dryRun
        ? plannedRows(backup, region, set)
        : await backUpInstance(backup, region, set, group, {adopted, poller, onMade});
    });
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    fail(backup, group, {where: region, item: region, label: region, error});
  }
  const made = rows.flat();
  group.close(closingText(request, made.length, counts.planned));
  return {matched: counts.matched, rows: made};
}

function closingText({dryRun}: BackupRequest, volumes: number, instances: number): string {
  if (dryRun) return `would snapshot ${count(volumes, 'volume')} of ${count(instances, 'instance')}`;
  return volumes === 0 ? 'nothing made' : count(volumes, 'snapshot');
}

async function backUpInstance(
  backup: Backup,
  region: Region,
  set: PlannedSet,
  group: ProgressGroup,
  tools: Omit<SetTools, 'say'>,
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
    const snapshots = await makeSet(backup, region, set, {
      ...tools,
      say: (text) => group.update(label, text),
    });
    group.done(label, snapshots.map((snapshot) => snapshot.id).join(' '));
    return snapshots.map((snapshot) => rowOf(region, set, snapshot));
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    fail(backup, group, {where: region, item: id, label, error});
    return [];
  }
}

async function* select(
  ec2: Ec2,
  region: Region,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<Instance[]> {
  if ('instance' in selection) {
    const instance = await findInstance(ec2, region, selection.instance, signal);
    if (instance) yield [instance];
    return;
  }
  const found = findInstances(ec2, region, selection.tag, signal);
  if (selection.only === undefined) {
    yield* found;
    return;
  }
  const all: Instance[] = [];
  for await (const page of found) all.push(...page);
  if (all.length > 1) throw ambiguous(selection.tag, all);
  yield all;
}

function ambiguous({name, value}: {name: string; value: string}, found: readonly Instance[]): FtaskError {
  const ids = found.map(({id}) => id).join(', ');
  return new FtaskError('AmbiguousInstance', `${found.length} instances have ${name}=${value}: ${ids}`, {
    hint: 'Give one --instance-id, or use backup_instances_by_tag for all of them.',
  });
}

/** The sets of a region as its instances are listed, so that the first are made while the last are looked for. */
async function* plan(
  {run, ec2, request}: Backup,
  region: Region,
  group: ProgressGroup,
  counts: {matched: number; planned: number},
): AsyncGenerator<PlannedSet & {readonly index: number}> {
  const planner = new Planner(request);
  for await (const page of select(ec2, region, request.selection, run.signal)) {
    counts.matched += page.length;
    const ids = page.filter(({volumes}) => volumes.length > 0).map(({id}) => id);
    const volumes = await volumesOf(ec2, region, ids, run.signal);
    for (const instance of page) {
      const planned = planner.plan(instance, volumes);
      if ('reason' in planned) {
        group.skip(labelOf(instance), planned.reason);
        run.skip({item: instance.id, where: region, reason: planned.reason});
        continue;
      }
      yield {...planned, index: counts.planned};
      counts.planned += 1;
    }
    group.expect(counts.planned);
  }
  group.say('');
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
  {where, item, label, error}: ItemFailure & {readonly where: Region; readonly label: string},
): void {
  // Ctrl-C is told once for the run and not for each instance that it caught waiting.
  if (error instanceof InterruptedError) {
    group.skip(label, 'interrupted');
    run.skip({item, where, reason: 'interrupted'});
    return;
  }
  group.fail(label, error.message);
  failures.push({item, where, error});
}

/** An instance as an operator knows it. */
function labelOf({id, tags}: Instance): string {
  return tags['Name'] ? `${id} ${tags['Name']}` : id;
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

function plannedRows({run, ec2}: Backup, region: Region, set: PlannedSet): VolumeBackup[] {
  return set.volumes.map((volume) => ({
    snapshotId: null,
    volumeId: volume.id,
    instanceId: set.instance.id,
    device: volume.device,
    region,
    set: `${run.runId}/${run.step}/${set.instance.id}`,
    state: 'planned',
    consistency: 'crash',
    time: new Date(ec2.clock.now()).toISOString(),
    sizeGiB: volume.sizeGiB,
  }));
}

function rowOf(region: Region, set: PlannedSet, {id, origin, state, sizeGiB}: Snapshot): VolumeBackup {
  return {
    snapshotId: id,
    volumeId: origin.volume,
    instanceId: set.instance.id,
    device: set.volumes.find((volume) => volume.id === origin.volume)?.device ?? origin.device ?? '',
    region,
    set: origin.set ?? '',
    state,
    consistency: origin.consistency ?? 'crash',
    time: new Date(origin.timeMs).toISOString(),
    sizeGiB,
  };
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

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
