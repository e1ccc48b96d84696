/** What of a lab's hardware is on this machine while its keeper is not. */
import {readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {devicesOf} from '../disks/sweep.ts';
import {hardwareFolder} from '../places.ts';
import {keeperProcesses} from './processes.ts';

const POLL_MS = 25;
/** What the kernel takes away after a process has ended is gone within this. */
const SETTLE_MS = 3000;

/** In words, and what does not go by itself; empty when nothing is left. */
export async function lastingLeftovers(stateDir: string): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await leftovers(stateDir);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POLL_MS);
  }
}

async function leftovers(stateDir: string): Promise<readonly string[]> {
  const folder = hardwareFolder(stateDir);
  const [processes, devices, mounts] = await Promise.all([
    keeperProcesses(stateDir),
    devicesOf(folder),
    mountPoints(`${folder}/`),
  ]);
  return [
    ...processes.map(({pid}) => `process ${pid}`),
    ...devices.map(({path}) => `device ${path}`),
    ...mounts.map((path) => `mount ${path}`),
  ];
}

async function mountPoints(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines.map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(folder));
}
