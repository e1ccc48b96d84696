/** Stops a keeper, and sees to it that nothing of its lab is left on this machine. */
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import {sweepDisks} from '../disks/sweep.ts';
import {hardwareFolder} from '../places.ts';
import {leftovers} from './leftovers.ts';
import {type KeeperProcess, keeperProcesses} from './processes.ts';

const POLL_MS = 25;
/** Instances are shut down one beside the other; each has some seconds. */
const STOP_MS = 20_000;
/** What the kernel takes away after a process has ended is gone within this. */
const SETTLE_MS = 3000;

export interface StopRequest {
  readonly stateDir: string;
  /** Kill what does not end, and sweep what a crash has left. */
  readonly force: boolean;
}

/** True when a keeper ran or something was swept. @throws FtaskError LabStillUp, LabLeftovers */
export async function stopKeeper({stateDir, force}: StopRequest): Promise<boolean> {
  const running = await keeperProcesses(stateDir);
  for (const {pid} of innermost(running)) kill(pid, 'SIGTERM');
  if (!(await hasEnded(stateDir, STOP_MS)) && !force) {
    throw new FtaskError('LabStillUp', `the lab in ${stateDir} does not end`, {
      hint: '`ftask lab down --force` kills it',
    });
  }
  for (const {pid} of await keeperProcesses(stateDir)) kill(pid, 'SIGKILL');
  let left = await settledLeftovers(stateDir);
  const hasSwept = left.length > 0 && force;
  if (hasSwept) {
    await sweepDisks(hardwareFolder(stateDir));
    left = await settledLeftovers(stateDir);
  }
  if (left.length > 0) {
    throw new FtaskError('LabLeftovers', `of the lab in ${stateDir} there still is: ${left.join(', ')}`, {
      hint: force ? undefined : '`ftask lab down --force` sweeps it away',
    });
  }
  return running.length > 0 || hasSwept;
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

async function settledLeftovers(stateDir: string): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await leftovers(stateDir);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POLL_MS);
  }
}
