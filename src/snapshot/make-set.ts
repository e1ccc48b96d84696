/** Makes the set of one instance: created once, adopted when it is there, replaced when it breaks. */
import {createSet} from '../ec2/create-set.ts';
import {Ec2Error} from '../ec2/errors.ts';
import type {Region} from '../ec2/ids.ts';
import {originDescription, originTags, type SetOrigin} from '../ec2/origin.ts';
import {SnapshotFailed, type SnapshotPoller} from '../ec2/poller.ts';
import {deleteSnapshot, type Snapshot} from '../ec2/snapshots.ts';
import type {PlannedSet} from './plan.ts';
import type {Backup} from './request.ts';
import {setTags} from './set-tags.ts';

export interface SetTools {
  /** Sets that this run has made before it was cut off. */
  readonly adopted: ReadonlyMap<string, Snapshot[]>;
  readonly poller: SnapshotPoller;
  /** Tells what is being done now. */
  readonly say: (text: string) => void;
}

/**
 * The snapshots of an instance, complete if `synchronously`. A set with a member in `error` is made
 * again; the broken one is kept as evidence until its replacement is complete.
 * @throws SnapshotFailed when it breaks more often than `retries`, or Ec2Error
 */
export async function makeSet(
  backup: Backup,
  region: Region,
  set: PlannedSet,
  tools: SetTools,
): Promise<Snapshot[]> {
  const {run, request} = backup;
  const broken: Snapshot[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const name =
      attempt === 1 ? `${run.runId}/${set.instance.id}` : `${run.runId}/${set.instance.id}/${attempt}`;
    const snapshots = tools.adopted.get(name) ?? (await create(backup, region, set, name, tools));
    try {
      const whole = request.synchronously ? await complete(backup, snapshots, tools) : notBroken(snapshots);
      await removeReplaced(backup, region, broken);
      return whole;
    } catch (error) {
      if (!isBroken(error) || attempt > request.retries) throw error;
      tools.say(`${error.message}; making it again`);
      broken.push(...snapshots);
    }
  }
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
  {run, request}: Backup,
  snapshots: readonly Snapshot[],
  {poller, say}: SetTools,
): Promise<Snapshot[]> {
  const ends = await Promise.allSettled(
    snapshots.map(({id}) =>
      poller.completed(id, request.timeoutMs, (progress) => say(`${id} ${progress || 'pending'}`)),
    ),
  );
  // After Ctrl-C nobody waits, but they are there and complete without us.
  if (run.signal.aborted) return [...snapshots];
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
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
