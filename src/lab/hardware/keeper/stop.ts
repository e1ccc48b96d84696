/** Stops a keeper, and sees to it that nothing of its lab is left on this machine. */
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {sweepDisks} from '../disks/sweep.ts';
import {hardwareFolder} from '../places.ts';
import {lastingLeftovers} from './leftovers.ts';
import {type KeeperProcess, keeperProcesses} from './processes.ts';

const POLL_MS = 25;
/** Instances are shut down one beside the other; each has some seconds. */
const STOP_MS = 20_000;
const FORCED_STOP_MS = 5000;

export interface StopRequest {
  readonly stateDir: string;
  /** Kill what does not end, and sweep what a crash has left. */
  readonly force: boolean;
}

/** True when a keeper ran. @throws FtaskError LabStillUp, LabLeftovers */
export async function stopKeeper({stateDir, force}: StopRequest): Promise<boolean> {
  const running = await keeperProcesses(stateDir);
  for (const {pid} of innermost(running)) kill(pid, 'SIGTERM');
  if (!(await hasEnded(stateDir, force ? FORCED_STOP_MS : STOP_MS)) && !force) {
    throw new FtaskError('LabStillUp', `the lab in ${stateDir} does not end`, {
      hint: '`ftask lab down --force` kills it',
    });
  }
  for (const {pid} of await keeperProcesses(stateDir)) kill(pid, 'SIGKILL');
  if (force) await sweepDisks(hardwareFolder(stateDir));
  let left = await lastingLeftovers(stateDir);
  if (left.length > 0 && force) {
    // A keeper that was just killed has left them after the first sweep.
    await sweepDisks(hardwareFolder(stateDir));
    left = await lastingLeftovers(stateDir);
  }
  if (left.length > 0) {
    throw new FtaskError('LabLeftovers', `of the lab in ${stateDir} there still is: ${left.join(', ')}`, {
      hint: force ? undefined : '`ftask lab down --force` sweeps it away',
    });
  }
  return running.length > 0;
}

/** The keeper itself: what waits for it outside of its namespaces would only pass nothing on. */
function innermost(processes: readonly KeeperProcess[]): readonly KeeperProcess[] {
  const pids = new Set(processes.map(({pid}) => pid));
  return processes.filter(({parent}) => pids.has(parent));
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

async function hasEnded(stateDir: string, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while ((await keeperProcesses(stateDir)).length > 0) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
