/** What of a lab's hardware is on this machine while its keeper is not. */
import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
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
  const folder = `${hardwareFolder(stateDir)}/`;
  const [processes, loops, mounts] = await Promise.all([
    keeperProcesses(stateDir),
    loopDevices(folder),
    mountPoints(folder),
  ]);
  return [
    ...processes.map(({pid}) => `process ${pid}`),
    ...loops.map((device) => `device ${device}`),
    ...mounts.map((path) => `mount ${path}`),
  ];
}

/** Volumes lie in the store, whose own device is there as long as one of theirs is. */
async function loopDevices(folder: string): Promise<string[]> {
  const names = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const files = await Promise.all(
    names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '')),
  );
  return names.filter((_, index) => files[index]?.startsWith(folder)).map((name) => `/dev/${name}`);
}

async function mountPoints(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines.map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(folder));
}
