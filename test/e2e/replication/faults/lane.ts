/** Two regions, and what happens to a replication from the one into the other. */
import type {ChildProcess} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {type Ended, start} from '../../ftask.ts';
import type {LabCalls} from '../../lab.ts';
import {cutOff, type Machine, machineOf} from '../machine.ts';
import type {Method, Scene} from '../scene.ts';
import type {Accident} from './accidents.ts';
import {fillDisk} from './fill-disk.ts';

export interface Lane {
  readonly from: string;
  readonly to: string;
}

/** Of the lab: three seconds. Nobody cleans up while another works, so nothing that lives can expire. */
export const EXPIRY = '2m';
export const EXPIRY_SECONDS = 120;
/** What is still at work then hangs. */
const LONGEST_MS = 240_000;
const POLL_MS = 25;

/** What became of a replication, and whether what was to happen to it did. */
export interface Struck extends Ended {
  readonly wasStruck: boolean;
}

/** Starts a replication of everything. */
export function replicate(scene: Scene, {from, to}: Lane, method: Method, ...more: readonly string[]) {
  const words = ['--src-region-name', from, '--dst-region-name', to, '--method', method, '--json', ...more];
  const env = {FTASK_TEMPORARY_EXPIRY: EXPIRY, FTASK_REPLICATION_LOCK_EXPIRY: EXPIRY};
  return start(scene.folder, ['--lab', 'rsync_region', ...words], env);
}

/** The faults of the API are there already; all else happens now. @throws Error when it does not end */
export async function replicateUnder(
  scene: Scene,
  lane: Lane,
  accident: Accident,
  runMs: number,
): Promise<Struck> {
  const way = accident.isRelayed ? ['--through-controller'] : [];
  const {process: ftask, ended} = replicate(scene, lane, accident.method, ...way);
  const over = new AbortController();
  void ended.then(() => over.abort());
  const striking = strike({scene, lane, accident, runMs, ftask, over: over.signal});
  const hangs = await Promise.race([
    ended.then(() => false),
    delay(LONGEST_MS, true, {signal: over.signal}).catch(() => false),
  ]);
  if (hangs) ftask.kill('SIGKILL');
  const [ending, wasStruck] = await Promise.all([ended, striking]);
  if (hangs) throw new Error(`still at work after ${LONGEST_MS} ms, having said: ${ending.stderr}`);
  return {...ending, wasStruck};
}

interface Strike {
  readonly scene: Scene;
  readonly lane: Lane;
  readonly accident: Accident;
  readonly runMs: number;
  readonly ftask: ChildProcess;
  /** Aborted when the replication has ended. */
  readonly over: AbortSignal;
}

/** Does it, and undoes it. False when the replication was over before, or the lab does it. */
async function strike(what: Strike): Promise<boolean> {
  const {accident, ftask, over, scene, runMs} = what;
  const {kind, at, fault} = accident;
  if (fault && kind !== 'killed, answers lost') return false;
  const isAimed = accident.aim === 'rsync' || kind === 'full disk' || kind === 'rsync killed';
  const machine = isAimed ? await untilThere(what) : undefined;
  if (kind !== 'full disk') await pause(isAimed ? at * RSYNC_MS : at * runMs, over);
  if (over.aborted) return false;
  switch (kind) {
    case 'kill -9':
    case 'killed, answers lost':
      return ftask.kill('SIGKILL');
    case 'SIGINT':
      return ftask.kill('SIGINT');
    case 'rsync killed':
      return (machine?.killRsync() ?? 0) > 0;
    case 'full disk':
      return machine !== undefined && fillDisk(machine, accident.lastsMs, over);
    case 'link down':
    case 'no way between':
      return takeLink(what);
    case 'instance terminated': {
      const victim = machine ?? (await machineAt(what));
      if (victim) await scene.ec2(regionOf(what)).terminateInstances({InstanceIds: [victim.id]});
      return victim !== undefined;
    }
    default:
      return false;
  }
}

/** Whether a fault of the lab was met, by the calls that the lab has seen since it was set. */
export function isMet({fault, side}: Accident, {from, to}: Lane, {calls}: LabCalls): boolean {
  if (!fault) return false;
  const region = side === 'source' ? from : to;
  const own = calls.filter((call) => call.region === region);
  if (fault.kind !== 'snapshot-error') return own.some(({code}) => code === fault.kind);
  return own.filter(({action}) => action === fault.action).length >= (fault.nth[0] ?? 1);
}

/** How long rsync works at a time, more or less. */
const RSYNC_MS = 400;

async function takeLink(what: Strike): Promise<boolean> {
  const {scene, accident, over} = what;
  const victim = await machineAt(what);
  if (!victim) return false;
  const other = await machineAt({...what, accident: {...accident, side: otherSide(accident)}});
  if (accident.kind === 'no way between' && !other) return false;
  const join = await cutOff(scene, victim, accident.kind === 'link down' || !other ? 'all' : [other.address]);
  await pause(accident.lastsMs, over);
  await join();
  return true;
}

function otherSide({side}: Accident): Accident['side'] {
  return side === 'source' ? 'target' : 'source';
}

/** The instance on whose side it happens, when rsync runs on it; for a full disk when there is one, or soon after. */
async function untilThere(what: Strike): Promise<Machine | undefined> {
  const {kind, at} = what.accident;
  const isThere = (machine: Machine) =>
    kind === 'full disk' && at < 0.7 ? machine.mounts().length > 0 : machine.hasRsync();
  while (!what.over.aborted) {
    const machine = await machineAt(what);
    if (machine && isThere(machine)) return machine;
    await pause(POLL_MS, what.over);
  }
  return undefined;
}

function regionOf({lane, accident}: Strike): string {
  return accident.side === 'source' ? lane.from : lane.to;
}

/** The temporary instance of a region, if one runs. */
async function machineAt(what: Strike): Promise<Machine | undefined> {
  const {scene} = what;
  const region = regionOf(what);
  const instances = await scene.instances(region);
  const temporary = instances.find(({name}) => !name.endsWith(region));
  return temporary && machineOf(scene, temporary.id, temporary.address);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, {signal}).catch(() => {});
}
