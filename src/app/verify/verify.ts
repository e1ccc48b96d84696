/** Verifying a backup: it is restored beside the living application, checked there, and all of that is removed again. */
import {FtaskError, RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import {CommandFailed} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import type {Secret} from '../../secret.ts';
import type {Application} from '../application.ts';
import type {BackupRun} from '../backup/back-up.ts';
import {removePaths} from '../backup/leftovers.ts';
import {inPrivate} from '../backup/site.ts';
import {underLock} from '../lock/under-lock.ts';
import {checkDump} from '../restore/check/dump.ts';
import type {Snapshot} from '../restore/check/integrity.ts';
import {checkRoom, databaseWants} from '../restore/check/room.ts';
import type {Looking} from '../restore/check/source.ts';
import {roleProblems, standingsOf, traitsFor} from '../restore/check/standings.ts';
import {chooseSnapshot, lookForSnapshot} from '../restore/choose.ts';
import {refuseUnfinished} from '../restore/follow/earlier.ts';
import {tidyUp} from '../restore/follow/tidy-up.ts';
import {stepsOf} from '../restore/plan/steps.ts';
import {partialName} from '../snapshot/name.ts';
import {runCheck} from './check.ts';
import {dropLeftScratches, dropScratch, loadScratch, type Scratch, scratchName} from './scratch-database.ts';

export interface VerifyRequest {
  /** `latest`, a name in the folder of the snapshots, or an archive of this machine. */
  readonly from: string;
  /** What age decrypts archives with. */
  readonly identity?: Secret;
}

/** What was proved, how much it is and how long it took. */
export interface VerifyRow {
  readonly host: string;
  readonly snapshot: string;
  readonly timestamp: string;
  readonly result: 'verified' | 'would be verified';
  readonly files: number;
  /** Of all files, dumps included. */
  readonly bytes: number;
  readonly databases: number;
  /** Of the databases when they were loaded. */
  readonly databaseBytes: number;
  readonly loadSeconds: number;
  /** Null when the application has no check of its own. */
  readonly checkSeconds: number | null;
  readonly seconds: number;
}

/**
 * Restores a backup into a folder and databases of names that nothing else has, and runs the application's own check on
 * them. The application itself is not touched; nothing of it stays, or it is named.
 * @throws BadSnapshot, RefusedError; FtaskError `VerifyFailed`; what `Host.run` throws
 */
export async function verifyBackup(
  host: Host,
  application: Application,
  {from: wanted, identity}: VerifyRequest,
  run: BackupRun,
): Promise<VerifyRow> {
  const startedAt = run.now();
  await refuseUnfinished(host, application.root);
  return underLock(host, application.root, run, async (_lock, signal) => {
    const from = {host, signal, ...(identity && {identity})};
    const proved = await verifyLocked(from, application, wanted, run);
    return {...proved, seconds: (run.now() - startedAt) / 1000};
  });
}

async function verifyLocked(
  from: Looking,
  application: Application,
  wanted: string,
  run: BackupRun,
): Promise<Omit<VerifyRow, 'seconds'>> {
  const {host, signal} = from;
  const {root} = application;
  const folder = `${root}/${partialName('verify')}`;
  const clean = run.undo.push(`${folder} on ${host.name}`, () => removePaths(host, [folder]));
  try {
    await tidyUp(host, root, run.warn);
    await host.run(inPrivate(sh`mkdir -- ${folder}`.text, {signal}));
    const places = {staging: `${folder}/snapshot`, upload: `${folder}/upload`};
    const snapshot = await chooseSnapshot(from, {
      application: application.name,
      root,
      wanted,
      ...places,
      say: run.say,
      warn: run.warn,
    });
    return await prove(from, {application, snapshot, copy: places.staging}, run);
  } finally {
    await clean.run().catch(({message}: Error) => run.warn(`${folder} could not be removed: ${message}`));
  }
}

/** Tells which backup it would be, and changes nothing. @throws what `verifyBackup` throws before anything is made */
export async function describeVerify(
  host: Host,
  application: Application,
  {from: wanted, identity}: VerifyRequest,
  {signal, note, warn}: BackupRun,
): Promise<VerifyRow> {
  const {root} = application;
  const from = {host, signal, ...(identity && {identity})};
  const snapshot = await lookForSnapshot(from, {application: application.name, root, wanted, warn});
  if (!snapshot) note(`would send ${wanted}, and verify it`);
  return {
    host: host.name,
    snapshot: snapshot?.source.path ?? wanted,
    timestamp: snapshot?.metadata.timestamp ?? '',
    result: 'would be verified',
    ...sizesOf(snapshot),
    databases: snapshot ? stepsOf(application, snapshot).databases.length : 0,
    databaseBytes: 0,
    loadSeconds: 0,
    checkSeconds: null,
    seconds: 0,
  };
}

function sizesOf(snapshot: Snapshot | undefined): Pick<VerifyRow, 'files' | 'bytes'> {
  const files = [...(snapshot?.entries.values() ?? [])].filter(({type}) => type === 'file');
  return {files: files.length, bytes: files.reduce((sum, {size = 0}) => sum + size, 0)};
}

interface Whole {
  readonly application: Application;
  readonly snapshot: Snapshot & {readonly folder: string};
  /** Where a folder is copied to; what was in an archive is in one of its own already. */
  readonly copy: string;
}

async function prove(from: Looking, whole: Whole, run: BackupRun): Promise<Omit<VerifyRow, 'seconds'>> {
  const {application, snapshot, copy} = whole;
  const {host, signal} = from;
  const {databases, left} = stepsOf(application, snapshot);
  for (const text of [...snapshot.doubts, ...left]) run.warn(text);
  for (const database of databases) await checkDump(from, snapshot, database);
  const standings = await standingsOf(from, databases);
  const problems = roleProblems(databases, standings);
  if (problems.length > 0) throw new RefusedError('CannotVerify', `${host.name}: ${problems.join('; ')}`);
  const sizes = sizesOf(snapshot);
  const isFolder = snapshot.source.kind === 'folder';
  const copied = isFolder ? [{kind: 'more', path: application.root, bytes: sizes.bytes} as const] : [];
  await checkRoom(from, [...databaseWants(databases, standings), ...copied], '');
  const folder = isFolder ? copy : snapshot.folder;
  // The check may write; the snapshot stays what it is.
  const copying = sh`cp -a --reflink=auto -- ${snapshot.folder} ${copy}`.text;
  if (isFolder) await host.run(inPrivate(copying, {signal, shownAs: `copy ${snapshot.folder}`}));
  const scratches = databases.map((step): Scratch => {
    const traits = traitsFor(step.traits, standings.get(step.component.name));
    return {name: scratchName(), step, folder, traits, root: application.root};
  });
  const undone = scratches.map((one) =>
    run.undo.push(`the database ${one.name} on ${host.name}`, () => dropScratch(host, one)),
  );
  try {
    const loadedAt = run.now();
    const databaseBytes = await loadAll(from, scratches, {snapshot, run});
    const checkedAt = run.now();
    run.say('checking');
    const hasCheck = await runCheck(from, {application, snapshot, folder, scratches});
    return {
      host: host.name,
      snapshot: snapshot.source.shown,
      timestamp: snapshot.metadata.timestamp,
      result: 'verified',
      ...sizes,
      databases: databases.length,
      databaseBytes,
      loadSeconds: (checkedAt - loadedAt) / 1000,
      checkSeconds: hasCheck ? (run.now() - checkedAt) / 1000 : null,
    };
  } finally {
    for (const [at, undo] of undone.entries())
      await undo.run().catch(({message}: Error) => run.warn(`${scratches[at]?.name} stays: ${message}`));
  }
}

async function loadAll(
  {host, signal}: Looking,
  scratches: readonly Scratch[],
  {snapshot, run}: {readonly snapshot: Snapshot; readonly run: BackupRun},
): Promise<number> {
  let bytes = 0;
  for (const scratch of scratches) {
    const {database} = scratch.step.component;
    const left = await dropLeftScratches(host, scratch, signal);
    if (left.length > 0) run.warn(`removed databases that a dead run left: ${left.join(', ')}`);
    run.say(`loading ${database}`);
    bytes += await loadScratch(host, scratch, signal).catch((error: unknown) => {
      if (!(error instanceof CommandFailed) || error.code !== 'CommandFailed') throw error;
      const what = `${host.name}: ${snapshot.source.shown}: its dump of ${database} cannot be restored`;
      // What was in the statement that failed may be nobody's to read.
      const said = error.result.stderr.replace(/^Command was:.*/ms, '').trim();
      throw new FtaskError('VerifyFailed', `${what}: ${said}`, {cause: error});
    });
  }
  return bytes;
}
