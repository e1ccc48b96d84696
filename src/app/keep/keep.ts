/** Retention of the snapshots of an application, when a new one is whole: on the host, and of their archives here. */
import type {Host} from '../../host/host.ts';
import {policyText} from '../../retention/policy.ts';
import {bytesText} from '../../words.ts';
import type {Application} from '../application.ts';
import {momentOf, parseSnapshotName} from '../snapshot/name.ts';
import type {ListedSnapshot} from './listing.ts';
import {type Place, placesOf} from './places.ts';
import {guardPlan, type KeepPlan, planKeep} from './plan.ts';

export interface KeepRun {
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly debug: (text: string) => void;
  /** Settles when the journal has it. */
  readonly record: (removal: Removal) => Promise<void>;
  /** Told of each place that a snapshot is gone from, or would be. */
  readonly onRemoved: (place: string) => void;
}

/** What the journal is told before it is done. */
export interface Removal {
  readonly kind: 'app-backup-removal';
  readonly application: string;
  readonly host: string;
  /** On the host, or of this machine. */
  readonly folder: string;
  readonly isHere: boolean;
  readonly snapshot: string;
  readonly why: string;
}

/** The backup that was made, or in a dry run would be. */
export interface Made {
  readonly name: string;
  /** Whether its archive was brought here. */
  readonly hasCome: boolean;
}

/**
 * Removes what the policies do not keep, now that a snapshot is there that is proved to be whole.
 * Only who holds the lock may call it; what died in between is finished by the next backup.
 * @throws FtaskError `TooManyRemovals`, and nothing of that place was removed; what `Host.run` throws
 */
export async function keepSnapshots(
  host: Host,
  application: Application,
  made: Made,
  run: KeepRun,
): Promise<void> {
  for (const place of placesOf(host, application, made.hasCome, run.signal)) {
    const {folder, isHere, shown} = place;
    for (const name of await place.finish()) run.note(`finished the removal of ${name} from ${folder}`);
    const plan = await planOf(place, made, run);
    tellKept(place, plan, run.debug);
    guardPlan(plan, place);
    for (const {snapshot, why, size} of await goingOf(place, plan)) {
      const {name} = snapshot;
      const what = {application: application.name, host: host.name, folder, isHere, snapshot: name, why};
      await run.record({kind: 'app-backup-removal', ...what});
      await place.remove(snapshot);
      run.note(`removed ${name} from ${folder} (${size}): ${why}`);
      run.onRemoved(`${shown}/${name}`);
    }
  }
}

/** Tells what that would remove, and changes nothing. @throws what `keepSnapshots` throws */
export async function describeKeep(
  host: Host,
  application: Application,
  made: Made,
  run: KeepRun,
): Promise<void> {
  for (const place of placesOf(host, application, made.hasCome, run.signal)) {
    const {folder, shown} = place;
    const plan = await planOf(place, made, run);
    tellKept(place, plan, run.note);
    for (const {snapshot, why, size} of await goingOf(place, plan)) {
      run.note(`would remove ${snapshot.name} from ${folder} (${size}): ${why}`);
      run.onRemoved(`${shown}/${snapshot.name}`);
    }
    guardPlan(plan, place);
  }
}

/** With the new one, which is not there yet in a dry run. */
async function planOf(place: Place, {name}: Made, run: KeepRun): Promise<KeepPlan> {
  const {snapshots, others} = await place.list();
  for (const other of others) run.debug(`${other.name} in ${place.folder} is never judged: ${other.why}`);
  const {prefix = '', timestamp = ''} = parseSnapshotName(name) ?? {};
  const own = {name, prefix, timeMs: momentOf(timestamp) ?? Number.NaN, parts: []};
  const all = snapshots.some((one) => one.name === name) ? snapshots : [...snapshots, own];
  return planKeep(all, {policy: place.policy, keep: place.rules, nowMs: run.now(), proved: name});
}

function tellKept({folder, policy}: Place, {kept, removed}: KeepPlan, tell: (text: string) => void): void {
  const all = kept.length + removed.length;
  tell(`${kept.length} of ${all} snapshots stay in ${folder} by ${policyText(policy)}`);
  for (const {snapshot, reasons} of kept) tell(`${snapshot.name} stays in ${folder}: ${reasons.join('; ')}`);
}

interface Going {
  readonly snapshot: ListedSnapshot;
  readonly why: string;
  /** For people. */
  readonly size: string;
}

async function goingOf(place: Place, {removed}: KeepPlan): Promise<readonly Going[]> {
  const sizes = await place.sizes(removed.map(({snapshot}) => snapshot));
  return removed.map(({snapshot, reasons}, index) => ({
    snapshot,
    why: reasons.join('; '),
    size: bytesText(sizes[index] ?? 0),
  }));
}
