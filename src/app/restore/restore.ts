/** A restore of an application on a host: from finding the snapshot to an application that is well, or is as it was. */
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Secret} from '../../secret.ts';
import type {Application} from '../application.ts';
import type {BackupRun} from '../backup/back-up.ts';
import {removePaths} from '../backup/leftovers.ts';
import {inPrivate} from '../backup/site.ts';
import type {HostLock} from '../lock/host-lock.ts';
import {underLock} from '../lock/under-lock.ts';
import {type Checked, checkAll} from './check/check-all.ts';
import type {Looking} from './check/source.ts';
import {chooseSnapshot, lookForSnapshot} from './choose.ts';
import {earlierRestore, failureOf, RestoreFailed, refuseUnfinished} from './follow/earlier.ts';
import {tidyUp} from './follow/tidy-up.ts';
import {endStraysCommand} from './follow/watch-script.ts';
import {restorePlaces} from './places.ts';
import {filesIn} from './plan/steps.ts';
import {recover, replaceApplication} from './replace.ts';
import {makeSafetyBackup} from './safety.ts';
import {tellSteps} from './tell-steps.ts';

export interface RestoreRequest {
  /** `latest`, a name in the folder of the snapshots, or an archive of this machine. */
  readonly from: string;
  /** Only proves that it could be restored, and leaves nothing. */
  readonly validateOnly: boolean;
  readonly safetyBackup: boolean;
  /** The host that is meant, whichever the snapshot is of. */
  readonly targetHost?: string;
  /** What age decrypts archives with. */
  readonly identity?: Secret;
}

/** What was restored, or could be. */
export interface RestoreRow {
  readonly host: string;
  /** The folder or the archive that it came from. */
  readonly snapshot: string;
  readonly result: 'restored' | 'valid' | 'would be restored' | 'taken back' | 'nothing to take back';
  /** When the snapshot was made; empty when that was not looked for. */
  readonly timestamp: string;
  /** The folder of the backup that was made before; null when none was. */
  readonly safety: string | null;
  readonly databases: number;
  readonly files: number;
  /** Of dumps and files. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Restores it under the lock of the application. Everything is proved before anything is changed; what fails after that
 * is taken back by the host itself, whatever becomes of us.
 * @throws BadSnapshot and RefusedError before anything is changed; RestoreFailed, which tells how it is then
 */
export async function restoreApplication(
  host: Host,
  application: Application,
  request: RestoreRequest,
  run: BackupRun,
): Promise<RestoreRow> {
  const startedAt = run.now();
  await refuseUnfinished(host, application.root);
  return underLock(host, application.root, run, async (lock, signal) => {
    const row = await restoreLocked(lookingWith(host, request, signal), {application, request, lock}, run);
    return {...row, seconds: (run.now() - startedAt) / 1000};
  });
}

interface Restoring {
  readonly application: Application;
  readonly request: RestoreRequest;
  readonly lock: HostLock;
}

async function restoreLocked(
  from: Looking,
  {application, request, lock}: Restoring,
  run: BackupRun,
): Promise<RestoreRow> {
  const {host} = from;
  const {root} = application;
  const {folder, staging, upload} = restorePlaces(root);
  const clean = run.undo.push(`${folder} on ${host.name}`, () => removePaths(host, [folder]));
  try {
    await tidyUp(host, root, run.warn);
    await host.run(inPrivate(sh`mkdir -- ${folder}`.text, {signal: from.signal}));
    const choice = {
      application: application.name,
      root,
      staging,
      upload,
      wanted: request.from,
      say: run.say,
      warn: run.warn,
    };
    const snapshot = await chooseSnapshot(from, choice);
    const checked = await checkAll(from, {application, snapshot, ...checksOf(request)}, run.warn);
    const row = rowOf(host, checked);
    if (request.validateOnly) return {...row, result: 'valid'};
    const {standings} = checked.fit;
    const safety = request.safetyBackup
      ? await makeSafetyBackup(host, {application, lock, standings}, run)
      : undefined;
    const about = {application: application.name, snapshot: snapshot.source.shown, owner: run.owner};
    const preparation = {...checked, folder: snapshot.folder, safety, about};
    // From then on it is not ours alone to remove.
    await replaceApplication({host, lock, run}, preparation, () => clean.keep());
    await removePaths(host, [folder]);
    return {...row, result: 'restored', safety: safety ?? null};
  } catch (error) {
    if (error instanceof RestoreFailed && error.report.end === 'back') await removePaths(host, [folder]);
    throw error;
  } finally {
    await clean.run().catch(({message}: Error) => run.warn(`${folder} could not be removed: ${message}`));
  }
}

/** Tells what would be restored, and changes nothing. @throws what `restoreApplication` throws before anything is changed */
export async function describeRestore(
  host: Host,
  application: Application,
  request: RestoreRequest,
  run: BackupRun,
): Promise<RestoreRow> {
  const {root} = application;
  const row = {...NOTHING, host: host.name, snapshot: request.from, result: 'would be restored'} as const;
  await refuseUnfinished(host, root);
  const from = lookingWith(host, request, run.signal);
  const snapshot = await lookForSnapshot(from, {
    application: application.name,
    root,
    wanted: request.from,
    warn: run.warn,
  });
  if (!snapshot) {
    run.note(`would send ${request.from}, and check it there; --validate-only does that and leaves nothing`);
    return row;
  }
  const checked = await checkAll(from, {application, snapshot, ...checksOf(request)}, run.warn);
  tellSteps(application, checked, run.note);
  return rowOf(host, checked);
}

/** Takes a restore back that was cut off, or finishes one that was well. @throws RestoreFailed; RefusedError `Locked` */
export async function recoverApplication(
  host: Host,
  application: Application,
  run: BackupRun,
): Promise<RestoreRow> {
  const startedAt = run.now();
  const {root} = application;
  const earlier = await earlierRestore(host, root);
  if (earlier.is === 'alive') await refuseUnfinished(host, root);
  if (earlier.is === 'unfinished') await host.run(endStraysCommand(restorePlaces(root)));
  return underLock(host, root, run, async (lock) => {
    const isCutOff = earlier.is === 'unfinished';
    const report = isCutOff ? await recover({host, lock, run}, application) : undefined;
    if (report && report.end !== 'restored' && report.end !== 'back') throw failureOf(host.name, report);
    await tidyUp(host, root, run.warn);
    const result = report ? RESULTS[report.end ?? 'back'] : 'nothing to take back';
    const snapshot = report?.about?.snapshot ?? '';
    return {...NOTHING, host: host.name, snapshot, result, seconds: (run.now() - startedAt) / 1000};
  });
}

const RESULTS = {restored: 'restored', back: 'taken back', stuck: 'taken back'} as const;

const NOTHING = {
  host: '',
  snapshot: '',
  result: 'nothing to take back',
  timestamp: '',
  safety: null,
  databases: 0,
  files: 0,
  bytes: 0,
  seconds: 0,
} as const;

function lookingWith(host: Host, {identity}: RestoreRequest, signal: AbortSignal): Looking {
  return {host, signal, ...(identity && {identity})};
}

function checksOf({targetHost, safetyBackup}: RestoreRequest) {
  return {hasSafety: safetyBackup, ...(targetHost !== undefined && {targetHost})};
}

function rowOf(host: Host, {snapshot, steps}: Checked): RestoreRow {
  const parts = [...steps.databases, ...steps.trees];
  const files = steps.files.reduce((sum, {entry}) => sum + (entry.size ?? 0), 0);
  return {
    ...NOTHING,
    host: host.name,
    snapshot: snapshot.source.shown,
    result: 'would be restored',
    timestamp: snapshot.metadata.timestamp,
    databases: steps.databases.length,
    files: filesIn(steps),
    bytes: parts.reduce((sum, {bytes}) => sum + bytes, files),
  };
}
