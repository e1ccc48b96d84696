/** A lab with disks and machines, as the commands that start, show and stop it see it. */
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {loadFleet} from '../../fleet/parse.ts';
import type {InventoryItem} from '../../inventory.ts';
import {liveHolder} from '../../lock.ts';
import {lastingLeftovers} from './leftovers.ts';
import {checkRequirements} from './requirements.ts';
import {startKeeper} from './start.ts';
import {type StopRequest, stopKeeper} from './stop.ts';

const ANSWER_MS = 10_000;
const POLL_MS = 50;

export interface UpRequest {
  readonly stateDir: string;
  /** The lab file. */
  readonly file?: string | undefined;
  readonly signal: AbortSignal;
}

export interface LabView {
  readonly url: string;
  /** Whether it has disks and machines. */
  readonly hasHardware: boolean;
  /** Of the description of the fleet that it began with. */
  readonly digest: string;
  readonly instances: readonly InventoryItem[];
}

export interface UpView extends LabView {
  /** False when it ran before. */
  readonly isNew: boolean;
  /** The lab file that was asked for is not what it began with. */
  readonly isOther: boolean;
}

/** Starts the hardware unless it runs. @throws UsageError when the machine lacks something, or on a wrong lab file */
export async function labUp(request: UpRequest): Promise<UpView> {
  const {stateDir, file} = request;
  const wanted = file === undefined ? undefined : loadFleet(file).digest;
  const viewOf = (lab: LabView, isNew: boolean): UpView => ({
    ...lab,
    isNew,
    isOther: wanted !== undefined && wanted !== lab.digest,
  });
  await startedByOthers(request);
  const running = await labView(stateDir);
  if (running?.hasHardware) return viewOf(running, false);
  if (running) {
    throw new FtaskError('LabBusy', `the lab in ${stateDir} is served without disks and machines`, {
      hint: 'stop `ftask lab serve` first',
    });
  }
  const propagation = await checkRequirements();
  const left = await lastingLeftovers(stateDir);
  if (left.length > 0) {
    throw new FtaskError(
      'LabLeftovers',
      `of an earlier lab in ${stateDir} there still is: ${left.join(', ')}`,
      {
        hint: '`ftask lab down --force` sweeps it away',
      },
    );
  }
  await startKeeper({...request, propagation});
  const started = await labView(stateDir);
  if (started) return viewOf(started, true);
  throw new FtaskError('LabNotUp', `the lab in ${stateDir} has ended again`);
}

/** Waits while another command starts this lab. */
async function startedByOthers({stateDir, signal}: UpRequest): Promise<void> {
  for (;;) {
    const holder = await liveHolder(stateDir);
    if (!holder?.isServing || holder.url !== undefined) return;
    await delay(POLL_MS, undefined, {signal});
  }
}

/** What is served from this state; undefined when nothing is. */
export async function labView(stateDir: string): Promise<LabView | undefined> {
  const holder = await liveHolder(stateDir);
  if (holder?.url === undefined || !holder.isServing) return undefined;
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, holder.url), {signal: AbortSignal.timeout(ANSWER_MS)});
    return response.json();
  };
  const {hardware = false, digest} = (await ask('/_lab')) as {hardware?: boolean; digest: string};
  const {instances} = (await ask('/_lab/state')) as Pick<LabView, 'instances'>;
  return {url: holder.url, hasHardware: hardware, digest, instances};
}

/** Stops the hardware; false when nothing was there. @throws FtaskError LabStillUp, LabLeftovers */
export async function labDown(request: StopRequest): Promise<boolean> {
  if (await stopKeeper(request)) return true;
  const served = await labView(request.stateDir);
  if (!served) return false;
  throw new FtaskError('LabStillUp', `the lab in ${request.stateDir} is still served at ${served.url}`, {
    hint: served.hasHardware
      ? 'stop it as root, who started it'
      : 'Ctrl-C ends `ftask lab serve` where it runs',
  });
}
