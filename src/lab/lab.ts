/** The lab: an embedded EC2 endpoint on loopback with a fleet of its own. */
import {once} from 'node:events';
import {accessSync, constants, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {type Clock, scaledClock} from '../clock.ts';
import {type CloseLater, closers} from '../closers.ts';
import {FtaskError, RefusedError, UsageError} from '../errors.ts';
import {packageRoot} from '../package.ts';
import {Throttle} from './api/throttle.ts';
import {withFlaws} from './blocks/contents.ts';
import {madeUpContents} from './blocks/made-up-contents.ts';
import {realContents} from './blocks/real-contents.ts';
import {CallLog} from './call-log.ts';
import {Faults} from './faults.ts';
import {fleetFrom, loadFleet} from './fleet/parse.ts';
import {forgetHardware} from './hardware/keeper/forget.ts';
import {acquire, type Holder, liveHolder} from './lock.ts';
import {type HardwareWish, type OpenWorld, openWorld} from './open-world.ts';
import {serve, urlOf} from './server.ts';
import {removeState} from './state/state-file.ts';
import {loadOperations} from './wire/schema.ts';

const WAIT_MS = 60_000;
const POLL_MS = 100;
const JOIN_MS = 10_000;
/** For a lab that was just told to stop. */
const GRACE_MS = 2_000;
const STOPPING = '`ftask lab down` if it is from `ftask lab up`, else Ctrl-C where it runs';

export interface LabOptions {
  /** The lab file; the packaged config/lab.yaml by default. */
  readonly file?: string;
  /** A fleet that is already parsed, instead of a file. */
  readonly fleet?: object;
  /** Where the state is kept between runs; without it everything is in memory only. */
  readonly stateDir?: string;
  /** 0, the default, takes any free port. The host is always 127.0.0.1. */
  readonly port?: number;
  /** Runs until it is told to stop, so that other commands may join it. */
  readonly serving?: boolean;
  /** With disks and machines; needs namespaces of this process's own. */
  readonly hardware?: HardwareWish;
  /** Ends the waiting for another command, and the start of hardware. */
  readonly signal?: AbortSignal;
}

export interface Lab {
  readonly url: string;
  /** The lab's time, which may run faster than the world's. */
  readonly clock: Clock;
  /** Something the operator should know about the state that was found. */
  readonly notice: string | undefined;
  /** Stops the server; its state stays. May be called twice. */
  close(): Promise<void>;
}

/** Starts a lab in this process. @throws FtaskError LabBusy when another process holds the state; UsageError InvalidLab */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const lab = await tryStart(options);
  if (isLab(lab)) return lab;
  throw busy(lab, options.stateDir);
}

/** A lab that is served elsewhere; closing it does nothing. @throws FtaskError LabUnreachable */
export async function joinLab(url: string, signal?: AbortSignal): Promise<Lab> {
  try {
    const limit = AbortSignal.timeout(JOIN_MS);
    const response = await fetch(new URL('/_lab', url), {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const {speed, now} = (await response.json()) as {speed?: number; now?: number};
    if (speed === undefined || now === undefined) throw new Error('the answer is not that of a lab');
    return {url, clock: scaledClock(speed, now), notice: undefined, close: async () => {}};
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FtaskError('LabUnreachable', `no lab answers at ${url}`, {
      hint: 'start one with `ftask lab serve`',
      cause,
    });
  }
}

/**
 * Starts a lab on kept state, or joins the one that is served from it. Waits up to a minute for another
 * command that uses the same state. @throws FtaskError LabBusy
 */
export async function openLab(options: LabOptions & {readonly stateDir: string}): Promise<Lab> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const lab = await tryStart(options);
    if (isLab(lab)) return lab;
    if (lab.isServing && lab.url && !options.serving) return joinLab(lab.url, options.signal);
    if ((lab.isServing && lab.url) || performance.now() > deadline) throw busy(lab, options.stateDir);
    await delay(POLL_MS, undefined, options.signal && {signal: options.signal});
  }
}

/** Forgets the state of a lab; true when there was any. @throws RefusedError while a live process holds it */
export async function resetLab(stateDir: string): Promise<boolean> {
  const deadline = performance.now() + GRACE_MS;
  let holder = await liveHolder(stateDir);
  while (holder && performance.now() < deadline) {
    await delay(POLL_MS);
    holder = await liveHolder(stateDir);
  }
  if (!holder) {
    await forgetHardware(stateDir);
    return removeState(stateDir);
  }
  throw new RefusedError('LabBusy', `the lab in ${stateDir} is in use by process ${holder.pid}`, {
    hint: `stop it first: ${STOPPING}`,
  });
}

async function tryStart(options: LabOptions): Promise<Lab | Holder> {
  const parsed = options.fleet
    ? fleetFrom(options.fleet)
    : loadFleet(options.file ?? join(packageRoot(), 'config', 'lab.yaml'));
  const {stateDir, serving = false} = options;
  if (options.hardware) checkNamespaces();
  const pid = options.hardware?.pid ?? process.pid;
  if (stateDir !== undefined) checkFolder(stateDir);
  const lock = stateDir === undefined ? undefined : await acquire(stateDir, {pid, isServing: serving});
  if (lock && 'pid' in lock) return lock;
  const {closeLater, close} = closers();
  try {
    if (lock) closeLater(() => lock.release());
    const {world, hardware} = await openWorld({...options, parsed, lock}, closeLater);
    const lab = await run({world, hardware, pid}, options.port ?? 0, closeLater);
    lock?.publish(lab.url);
    let closing: Promise<void> | undefined;
    return {
      ...lab,
      close() {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Elsewhere than in its own nobody would take a lab's mounts away when it is killed. @throws UsageError */
function checkNamespaces(): void {
  if (process.pid === 1) return;
  throw new UsageError('LabNeeds', "the lab's disks and machines need namespaces of their own", {
    hint: '`ftask lab up` makes them, and starts it in there',
  });
}

/** Makes the folder for the state. @throws FtaskError LabFolder when nothing can be kept there */
function checkFolder(stateDir: string): void {
  try {
    mkdirSync(stateDir, {recursive: true});
    accessSync(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new FtaskError('LabFolder', `the lab cannot keep its state in ${stateDir}: ${reasonOf(cause)}`, {
      hint: 'run ftask in a folder that you may write to',
      cause,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run(
  {world, hardware, pid}: OpenWorld & {readonly pid: number},
  port: number,
  closeLater: CloseLater,
): Promise<Omit<Lab, 'close'>> {
  const {fleet, clock, notice} = world;
  const endpoint = {
    world,
    hardware,
    pid,
    throttle: new Throttle(fleet.throttling),
    findOperation: await loadOperations(),
    faults: new Faults(fleet.faults),
    calls: new CallLog(),
    contents: withFlaws(hardware ? realContents(hardware.parts.disks, world) : madeUpContents),
  };
  const server = await serve(endpoint, port);
  closeLater(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return {url: urlOf(server), clock, notice};
}

function isLab(lab: Lab | Holder): lab is Lab {
  return 'close' in lab;
}

function busy({pid}: Holder, stateDir: string | undefined): FtaskError {
  return new FtaskError('LabBusy', `the lab in ${stateDir} is in use by process ${pid}`, {
    hint: `wait for it to end, or stop it: ${STOPPING}`,
  });
}
