/** Makes the set of one instance: created once, adopted when it is there, replaced when it breaks. */
import {createSet} from '../ec2/create-set.ts';
import {Ec2Error} from '../ec2/errors.ts';
import type {Region} from '../ec2/ids.ts';
import {originDescription, originTags, type SetOrigin} from '../ec2/origin.ts';
import {SnapshotFailed, type SnapshotPoller} from '../ec2/poller.ts';
import {deleteSnapshot, type Snapshot} from '../ec2/snapshots.ts';
import {FtaskError, InterruptedError} from '../errors.ts';
import type {PlannedSet} from './plan.ts';
import type {Backup} from './request.ts';
import {setTags} from './set-tags.ts';

export interface SetTools {
  /** Sets that this run has made before it was cut off. */
  readonly adopted: ReadonlyMap<string, Snapshot[]>;
  readonly poller: SnapshotPoller;
  /** Called when the snapshots are there and are only waited for; may be called twice. */
  readonly onMade: () => void;
  /** Tells what is being done now. */
  readonly say: (text: string) => void;
}

/**
 * The snapshots of an instance, complete if `synchronously`. A set with a member in `error` is made
 * again; the broken one is kept as evidence until its replacement is complete.
 * @throws SnapshotFailed when it breaks more often than `retries`; FtaskError `SetIncomplete` when a
 *   volume has no snapshot in it; Ec2Error
 */
export async function makeSet(
  backup: Backup,
  region: Region,
  set: PlannedSet,
  tools: SetTools,
): Promise<Snapshot[]> {
  const {request} = backup;
  const {broken, attempt: first} = lastAttempt(backup, set, tools);
  for (let attempt = first; ; attempt += 1) {
    const name = setName(backup, set, attempt);
    const snapshots = tools.adopted.get(name) ?? (await create(backup, region, set, name, tools));
    checkWhole(set, snapshots);
    try {
      const whole = request.synchronously ? await complete(backup, snapshots, tools) : notBroken(snapshots);
      if (whole.every(({state}) => state === 'completed')) await removeReplaced(backup, region, broken);
      return whole;
    } catch (error) {
      if (!isBroken(error) || attempt > request.retries) throw error;
      tools.say(`${error.message}; making it again`);
      broken.push(...snapshots);
    }
  }
}

/** Unique to the task of the line, the instance and the attempt, and the same when the line is resumed. */
function setName({run}: Backup, {instance}: PlannedSet, attempt: number): string {
  const name = `${run.runId}/${run.step}/${instance.id}`;
  return attempt === 1 ? name : `${name}/${attempt}`;
}

/** The last attempt of the run that is resumed: those before it were broken, or are deleted already. */
function lastAttempt(
  backup: Backup,
  set: PlannedSet,
  {adopted}: SetTools,
): {attempt: number; broken: Snapshot[]} {
  const sets = Array.from({length: backup.request.retries + 1}, (_, index) =>
    adopted.get(setName(backup, set, index + 1)),
  );
  const last = Math.max(
    0,
    sets.findLastIndex((snapshots) => snapshots !== undefined),
  );
  return {attempt: last + 1, broken: sets.slice(0, last).flatMap((snapshots) => snapshots ?? [])};
}

/** A volume may have been detached since the instances were listed, and an adopted set be in sight only in part. */
function checkWhole({volumes}: PlannedSet, snapshots: readonly Snapshot[]): void {
  const covered = new Set(snapshots.map(({origin}) => origin.volume));
  const missing = volumes.map(({id}) => id).filter((id) => !covered.has(id));
  if (missing.length === 0) return;
  const made = snapshots.map(({id}) => id).join(', ') || 'nothing';
  throw new FtaskError('SetIncomplete', `no snapshot of ${missing.join(', ')}; made: ${made}`, {
    hint: 'Was a volume detached meanwhile? What was made stays; run again for the whole instance.',
  });
}

/** The backup is there, so what cannot be deleted is worth a warning and no more. */
async function removeReplaced(
  {run, ec2}: Backup,
  region: Region,
  broken: readonly Snapshot[],
): Promise<void> {
  for (const {id} of broken) {
    try {
      await deleteSnapshot(ec2, region, id);
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      run.progress.warn(`${region}: the broken ${id} was replaced but not deleted: ${error.message}`);
    }
  }
}

async function create(
  {run, ec2, request}: Backup,
  region: Region,
  set: PlannedSet,
  name: string,
  {say}: SetTools,
): Promise<Snapshot[]> {
  const origin: SetOrigin = {
    instance: set.instance,
    region,
    timeMs: ec2.clock.now(),
    run: run.runId,
    set: name,
    consistency: 'crash',
    volumes: set.volumes,
  };
  const {tags, copyVolumeTags, dropped} = setTags({
    identity: originTags(origin),
    extra: request.tags,
    instance: set.instance.tags,
    volumes: set.volumes.map((volume) => volume.tags),
  });
  if (dropped.length > 0) {
    run.progress.debug(`${set.instance.id}: tags not carried over to the snapshots: ${dropped.join(', ')}`);
  }
  return createSet(
    ec2,
    region,
    {
      instance: set.instance.id,
      set: name,
      timeMs: origin.timeMs,
      size: set.volumes.length,
      excludeBoot: set.excludeBoot,
      excludeVolumes: set.excludeVolumes,
      description: request.description ?? originDescription(origin),
      tags,
      copyVolumeTags,
    },
    {timeoutMs: request.timeoutMs, signal: run.signal, onWait: say},
  );
}

async function complete(
  {request}: Backup,
  snapshots: readonly Snapshot[],
  {poller, say, onMade}: SetTools,
): Promise<Snapshot[]> {
  onMade();
  const ends = await Promise.allSettled(
    snapshots.map(({id}) =>
      poller.completed(id, request.timeoutMs, (progress) => say(`${id} ${progress || 'pending'}`)),
    ),
  );
  return ends.map((end, index) => {
    if (end.status === 'fulfilled') return end.value;
    const snapshot = snapshots[index];
    // After Ctrl-C nobody waits for it, but it is there and completes without us.
    if (snapshot && end.reason instanceof InterruptedError) return snapshot;
    throw end.reason;
  });
}

function notBroken(snapshots: Snapshot[]): Snapshot[] {
  const broken = snapshots.find(({state}) => state === 'error');
  if (!broken) return snapshots;
  throw new SnapshotFailed('SnapshotError', broken.id, `ended in state error: ${broken.stateMessage ?? ''}`);
}

function isBroken(error: unknown): error is SnapshotFailed {
  return error instanceof SnapshotFailed && error.code === 'SnapshotError';
}
