/** A backup of an application on a host: from the first look to the archive. */

import {basename} from 'node:path';
import {asRoot} from '../../disk/as-root.ts';
import {FtaskError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {bytesText} from '../../words.ts';
import type {Application} from '../application.ts';
import {type KeepRun, keepSnapshots} from '../keep/keep.ts';
import type {HostLock} from '../lock/host-lock.ts';
import {type LockRun, underLock} from '../lock/under-lock.ts';
import {refuseUnfinished} from '../restore/follow/earlier.ts';
import {type Archived, makeArchive} from './archive/archive.ts';
import type {ReceivedFile} from './archive/received-file.ts';
import {captureAll} from './capture/capture.ts';
import {removeLeftovers, removePaths} from './leftovers.ts';
import {metadataOf} from './metadata.ts';
import {claimMoment, type Moment} from './moment.ts';
import {seal} from './seal/seal.ts';
import {placesOf, type Site} from './site.ts';
import {checkSpace, type Survey, survey} from './survey.ts';

const PAUSE_MS = 200;

export interface BackupRun extends LockRun {
  readonly toolVersion: string;
  readonly now: () => number;
  /** What it is doing. */
  readonly say: (text: string) => void;
  readonly note: (text: string) => void;
  readonly warn: (text: string) => void;
  /** For who wants to know all. */
  readonly debug: (text: string) => void;
  /** Settles when the journal has it. */
  readonly record: KeepRun['record'];
}

/** What was made, or in a dry run would be. */
export interface BackupRow {
  readonly host: string;
  /** The folder on the host. */
  readonly snapshot: string;
  /** The file on the host; null when none is made. */
  readonly archive: string | null;
  /** Of the archive; without one, of the snapshot. In a dry run, of what would be captured. */
  readonly bytes: number;
  /** Of the archive. */
  readonly sha256: string | null;
  readonly seconds: number;
  /** Where the archive is here; null when it was not fetched. */
  readonly file: string | null;
  /** What retention has removed: folders on the host, archives here. */
  readonly removed: readonly string[];
}

/** The backup is there, and retention has failed. */
export class KeepFailed extends FtaskError {
  readonly row: BackupRow;

  constructor({code, message, hint}: FtaskError, row: BackupRow) {
    super(code, message, {hint});
    this.row = row;
  }
}

/**
 * Backs it up under a lock. What fails leaves nothing behind on the host, or names it; what failed after the snapshot
 * was complete leaves that. Then removes the snapshots that retention does not keep.
 * @throws RefusedError before anything is written; KeepFailed; FtaskError; what `Host.run` throws
 */
export async function backUpApplication(
  host: Host,
  application: Application,
  run: BackupRun,
): Promise<BackupRow> {
  const startedAt = run.now();
  run.say('looking');
  await refuseUnfinished(host, application.root);
  const surveyed = await survey(host, application);
  checkSpace(host, application.root, surveyed, surveyed.free);
  return underLock(host, application.root, run, async (lock, signal) => {
    const row = await backUpLocked(host, {application, surveyed, lock, startedAt}, run);
    return {...row, removed: await removedBy(host, {application, signal, row}, run)};
  });
}

/** The same for who holds the lock, without retention. @throws what `backUpApplication` throws */
export async function backUpUnderLock(
  host: Host,
  application: Application,
  lock: HostLock,
  run: BackupRun,
): Promise<BackupRow> {
  const startedAt = run.now();
  const surveyed = await survey(host, application);
  checkSpace(host, application.root, surveyed, surveyed.free);
  return backUpLocked(host, {application, surveyed, lock, startedAt}, run);
}

interface Prepared {
  readonly application: Application;
  readonly surveyed: Survey;
  readonly lock: HostLock;
  readonly startedAt: number;
}

interface Removing {
  readonly application: Application;
  readonly signal: AbortSignal;
  readonly row: BackupRow;
}

async function removedBy(
  host: Host,
  {application, signal, row}: Removing,
  run: BackupRun,
): Promise<readonly string[]> {
  const made = {name: basename(row.snapshot), hasCome: row.file !== null};
  const removed: string[] = [];
  try {
    await keepSnapshots(host, application, made, {...run, signal, onRemoved: (place) => removed.push(place)});
    return removed;
  } catch (error) {
    if (error instanceof FtaskError && !run.signal.aborted) throw new KeepFailed(error, {...row, removed});
    throw error;
  }
}

async function backUpLocked(host: Host, prepared: Prepared, run: BackupRun): Promise<BackupRow> {
  const {application, startedAt} = prepared;
  await tidyUp(host, prepared, run);
  const moment = await claimMoment(host, application, startedAt, run);
  try {
    return await backUpAt(host, moment, prepared, run);
  } finally {
    await moment.file?.discard();
  }
}

async function backUpAt(
  host: Host,
  moment: Moment,
  {application, surveyed, lock, startedAt}: Prepared,
  run: BackupRun,
): Promise<BackupRow> {
  const {root} = application;
  const signal = AbortSignal.any([run.signal, lock.lost]);
  const site: Site = {host, ...placesOf(root, moment.name), signal, warn: run.warn};
  const leftovers = [site.partial, site.work];
  const clean = run.undo.push(`${leftovers.join(' ')} on ${host.name}`, () => removePaths(host, leftovers));
  try {
    const bytes = await makeSnapshot(site, {application, surveyed, startedAt: moment.ms}, run);
    const archived = await archiveOf(site, application, moment.file, run);
    await clean.run();
    return {
      host: host.name,
      snapshot: `${root}/${site.name}`,
      archive: archived?.path ?? null,
      bytes: archived?.bytes ?? bytes,
      sha256: archived?.sha256 ?? null,
      seconds: Math.max(0, run.now() - startedAt) / 1000,
      file: archived?.file ?? null,
      removed: [],
    };
  } catch (error) {
    await clean.run().catch((cause: unknown) => {
      throw namesLeft(host, leftovers, error, cause);
    });
    throw error;
  }
}

/** Removes what dead runs left, and looks whether there is room then. */
async function tidyUp(host: Host, {application, surveyed, lock}: Prepared, {warn}: BackupRun): Promise<void> {
  const {root} = application;
  const {removed, ended, free} = await removeLeftovers(host, root);
  if (lock.stale !== undefined) warn(`took over the lock of ${root}: its holder is gone: ${lock.stale}`);
  if (ended > 0) warn(`ended ${ended} processes that a dead run left at work in ${root}`);
  if (removed.length > 0) warn(`removed what a dead run left in ${root}: ${removed.join(', ')}`);
  checkSpace(host, root, surveyed, free);
}

async function makeSnapshot(
  site: Site,
  {application, surveyed, startedAt}: Omit<Prepared, 'lock'>,
  run: BackupRun,
): Promise<number> {
  const {host, partial, work} = site;
  await host.run(asRoot(sh`mkdir -- ${partial} ${work}`, {umask: 0o077}));
  run.say('capturing');
  const {captures, originals, trees} = await captureAll(site, surveyed.components);
  const metadata = await metadataOf(site, {
    application,
    surveyed,
    startedAt,
    captures,
    toolVersion: run.toolVersion,
  });
  run.say('sealing');
  await seal(site, {metadata, trees, originals, checksums: application.checksums});
  return [...captures.values()].reduce((sum, one) => sum + (one.captured ? one.bytes : 0), 0);
}

async function archiveOf(
  site: Site,
  {name: application, archive, diskRatio}: Application,
  file: ReceivedFile | undefined,
  run: BackupRun,
): Promise<Archived | undefined> {
  if (!archive) return undefined;
  run.say('packing');
  const onProgress = paced((bytes) => run.say(`packed ${bytesText(bytes)}`));
  const needsRoom = (diskRatio ?? 0) >= 1;
  try {
    return await makeArchive(site, {application, wish: archive, ...(file && {file}), needsRoom, onProgress});
  } catch (error) {
    run.warn(`the snapshot ${site.root}/${site.name} is complete and stays; it has no archive`);
    throw error;
  }
}

/** Nobody reads faster than every so many milliseconds. */
function paced(tell: (bytes: number) => void): (bytes: number) => void {
  let toldAt = performance.now();
  return (bytes) => {
    if (performance.now() - toldAt < PAUSE_MS) return;
    toldAt = performance.now();
    tell(bytes);
  };
}

function namesLeft(host: Host, left: readonly string[], error: unknown, cause: unknown): FtaskError {
  const why = error instanceof Error ? error.message : String(error);
  return new FtaskError('LeftBehind', `${why}\n${host.name}: ${left.join(' and ')} could not be removed`, {
    hint: 'the next backup of this application removes them',
    cause,
  });
}
