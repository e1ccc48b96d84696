/** Makes the set of one instance: created once, adopted when it is there, replaced when it breaks. */
import {Ec2Error} from '../ec2/errors.ts';
import type {Region} from '../ec2/ids.ts';
import {createSet, type SetRequest} from '../ec2/snapshots/create-set.ts';
import {originDescription, originTags, type SetOrigin} from '../ec2/snapshots/origin.ts';
import {SnapshotFailed, type SnapshotPoller} from '../ec2/snapshots/poller.ts';
import {deleteSnapshot, type Snapshot} from '../ec2/snapshots/snapshots.ts';
import {FtaskError, InterruptedError} from '../errors.ts';
import {isEnough} from './consistency/enough.ts';
import {openStillness} from './consistency/open-stillness.ts';
import {prove, withLevel} from './consistency/prove.ts';
import type {Reached} from './consistency/reached.ts';
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

export interface MadeSet {
  readonly snapshots: readonly Snapshot[];
  /** How still the instance was held; nothing when that was not asked for, or when the set was adopted. */
  readonly reached?: Reached;
}

/**
 * The snapshots of an instance, complete if `synchronously`. A set with a member in `error` is made
 * again, and so is one of an earlier run that is less consistent than is asked for now; what is
 * replaced is kept as evidence until its replacement is complete.
 * @throws SnapshotFailed when it breaks more often than `retries`; FtaskError `SetIncomplete` when a
 *   volume has no snapshot in it; Ec2Error; what `openStillness` throws, and then nothing was made
 */
export async function makeSet(
  backup: Backup,
  region: Region,
  set: PlannedSet,
  tools: SetTools,
): Promise<MadeSet> {
  const {request} = backup;
  const {replaced, attempt: first} = lastAttempt(backup, set, tools);
  for (let attempt = first; ; attempt += 1) {
    const name = setName(backup, set, attempt);
    const adopted = tools.adopted.get(name);
    if (adopted && !isEnough(set, adopted, request.consistent)) {
      tools.say('what the run made before is less consistent than is asked for; making it again');
      replaced.push(...adopted);
      continue;
    }
    const made: MadeSet = adopted ? {snapshots: adopted} : await create(backup, region, set, name, tools);
    checkWhole(set, made.snapshots);
    try {
      const {snapshots} = made;
      const whole = request.synchronously ? await complete(backup, snapshots, tools) : notBroken(snapshots);
      if (isReplacement(made, whole)) await removeReplaced(backup, region, replaced);
      return {...made, snapshots: whole};
    } catch (error) {
      if (!isBroken(error) || attempt > request.retries) throw error;
      tools.say(`${error.message}; making it again`);
      replaced.push(...made.snapshots);
    }
  }
}

/** Unique to the task of the line, the instance and the attempt, and the same when the line is resumed. */
function setName({run}: Backup, {instance}: PlannedSet, attempt: number): string {
  const name = `${run.runId}/${run.step}/${instance.id}`;
  return attempt === 1 ? name : `${name}/${attempt}`;
}

/** The last attempt of the run that is resumed: those before it were replaced, or are deleted already. */
function lastAttempt(
  backup: Backup,
  set: PlannedSet,
  {adopted}: SetTools,
): {attempt: number; replaced: Snapshot[]} {
  const name = setName(backup, set, 1);
  const attempts = [...adopted.keys()]
    .filter((other) => other === name || other.startsWith(`${name}/`))
    .map((other) => Number(other.slice(name.length + 1) || 1));
  const attempt = Math.max(1, ...attempts);
  const before = attempts.filter((other) => other !== attempt).map((other) => setName(backup, set, other));
  return {attempt, replaced: before.flatMap((other) => adopted.get(other) ?? [])};
}

/** What is less than was asked for takes no place. */
function isReplacement({reached}: MadeSet, snapshots: readonly Snapshot[]): boolean {
  const isLess = reached !== undefined && reached.shortfalls.length > 0;
  return !isLess && snapshots.every(({state}) => state === 'completed');
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
  replaced: readonly Snapshot[],
): Promise<void> {
  for (const {id} of replaced) {
    try {
      await deleteSnapshot(ec2, region, id);
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      run.progress.warn(`${region}: ${id} was replaced but not deleted: ${error.message}`);
    }
  }
}

async function create(
  {run, ec2, request}: Backup,
  region: Region,
  set: PlannedSet,
  name: string,
  {say}: SetTools,
): Promise<MadeSet> {
  const {signal, progress} = run;
  const {consistent} = request;
  const still =
    consistent && (await openStillness({ec2, region, set, request: consistent, signal, progress, say}));
  try {
    const patience = {
      timeoutMs: request.timeoutMs,
      signal,
      onWait: say,
      ...(still && {around: still.around}),
    };
    const made = await createSet(ec2, region, setRequest({run, ec2, request}, region, set, name), patience);
    return still ? await prove(ec2, region, made, await still.reached()) : {snapshots: made};
  } finally {
    await still?.close();
  }
}

function setRequest(
  {run, ec2, request}: Pick<Backup, 'run' | 'ec2' | 'request'>,
  region: Region,
  set: PlannedSet,
  name: string,
): SetRequest {
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
  return {
    instance: set.instance.id,
    set: name,
    timeMs: origin.timeMs,
    size: set.volumes.length,
    excludeBoot: set.excludeBoot,
    excludeVolumes: set.excludeVolumes,
    description: request.description ?? originDescription(origin),
    tags,
    copyVolumeTags,
  };
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
    const snapshot = snapshots[index];
    // The listing may still have the tag as it was made.
    if (end.status === 'fulfilled') return withLevel(end.value, snapshot?.origin.consistency);
    // After Ctrl-C nobody waits for it, but it is there and completes without us.
    if (snapshot && end.reason instanceof InterruptedError) return snapshot;
    throw end.reason;
  });
}

function notBroken(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  const broken = snapshots.find(({state}) => state === 'error');
  if (!broken) return snapshots;
  throw new SnapshotFailed('SnapshotError', broken.id, `ended in state error: ${broken.stateMessage ?? ''}`);
}

function isBroken(error: unknown): error is SnapshotFailed {
  return error instanceof SnapshotFailed && error.code === 'SnapshotError';
}
