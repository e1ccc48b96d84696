/** The part of a restore that changes the host: its script is started, and followed to its end. */
import {FtaskError} from '../../errors.ts';
import type {Host} from '../../host/host.ts';
import type {Secret} from '../../secret.ts';
import type {Application} from '../application.ts';
import type {BackupRun} from '../backup/back-up.ts';
import {type HostLock, lockOnHost} from '../lock/host-lock.ts';
import {failureOf} from './follow/earlier.ts';
import {followScript} from './follow/follow.ts';
import {aboutLine, type Report} from './follow/state.ts';
import {endStraysCommand, stateCommand} from './follow/watch-script.ts';
import {restorePlaces} from './places.ts';
import {type Preparation, prepareScript} from './prepare.ts';
import {serviceName} from './script/services.ts';

/** Where, and under which lock. */
export interface Replacing {
  readonly host: Host;
  readonly lock: HostLock;
  readonly run: BackupRun;
}

/**
 * Replaces what is on the host by what is in the snapshot. When it fails or is interrupted, all is taken back.
 * `onStart` is called before its script is started: what is in the folder of the restore is the script's then.
 * @throws RestoreFailed, which tells how it is then
 */
export async function replaceApplication(
  replacing: Replacing,
  preparation: Preparation,
  onStart: () => void,
): Promise<void> {
  const {host, lock, run} = replacing;
  const {application, about} = preparation;
  const signal = AbortSignal.any([run.signal, lock.lost]);
  await prepareScript(host, preparation, signal);
  signal.throwIfAborted();
  onStart();
  lock.startScript('run', passwordsOf(application));
  const seen = [aboutLine(about).trimEnd()];
  const report = await followScript(followerOf(replacing, application), seen);
  if (report.end === 'restored') {
    for (const what of report.stuck) run.warn(`what it was before is not removed: ${what}`);
    const started = application.services.filter((_, at) => report.idle.includes(at)).map(serviceName);
    if (started.length > 0) run.note(`did not run before the restore, and do now: ${started.join(', ')}`);
    return;
  }
  if (!report.hasBegun)
    throw new FtaskError('NotBegun', `${host.name}: the restore could not be begun; nothing was changed`);
  if (report.end !== undefined) throw failureOf(host.name, report);
  run.warn('the restore was cut off on the host; taking it back');
  await host.run(endStraysCommand(restorePlaces(application.root)));
  const last = await underLivingLock(replacing, application, (own) =>
    recover({...replacing, lock: own}, application),
  );
  if (last.end === 'restored') return;
  throw failureOf(host.name, last);
}

/**
 * Lets the host take a restore back of which no process lives, or finish one that was well. Its report tells which. What
 * it left at work has been ended.
 */
export async function recover(replacing: Replacing, application: Application): Promise<Report> {
  const {host, lock} = replacing;
  const {stdout} = await host.run(stateCommand(restorePlaces(application.root)));
  const lines = stdout.split('\n').slice(1, -1);
  lock.startScript('recover', passwordsOf(application));
  return followScript(followerOf(replacing, application), lines);
}

function passwordsOf({components}: Application): (Secret | undefined)[] {
  return components.flatMap((one) => (one.kind === 'postgres' ? [one.password] : []));
}

function followerOf({host, run}: Replacing, {root}: Application) {
  return {host, places: restorePlaces(root), signal: run.signal, say: run.say, warn: run.warn};
}

/** With the connection the lock is lost, too. */
async function underLivingLock<Value>(
  {host, lock, run}: Replacing,
  {root}: Application,
  work: (lock: HostLock) => Promise<Value>,
): Promise<Value> {
  if (!lock.lost.aborted) return work(lock);
  const own = await lockOnHost(host, root, run.owner);
  try {
    return await work(own);
  } finally {
    await own.release();
  }
}
