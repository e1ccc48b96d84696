/** A lab's disks as a keeper has them: in a process with mounts of its own, which a test may kill. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {sweepDisks} from '../../../../src/lab/hardware/disks/sweep.ts';
import {checkRequirements} from '../../../../src/lab/hardware/keeper/requirements.ts';
import {atEnd} from '../../../ssh/at-end.ts';
import {type Caller, callerOf} from '../remote-calls.ts';
import type {Calls} from './keeper-process.ts';

const SETTLE_MS = 5000;

export interface Keeper {
  /** Where its store is. */
  readonly folder: string;
  readonly call: Caller<Calls>;
  kill(): Promise<void>;
}

/** Starts one on the disks in the folder, or on new ones; it and they end with the test file. */
export async function openKeeper(given?: string): Promise<Keeper> {
  const folder = given ?? (await newFolder());
  const propagation = await checkRequirements();
  const script = fileURLToPath(new URL('keeper-process.ts', import.meta.url));
  const words = [process.execPath, '--import', 'tsx', script, folder];
  const child = spawn('unshare', ['--mount', '--propagation', propagation, ...words], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  atEnd(kill);
  return {folder, kill, call: await callerOf<Calls>(child)};
}

/** Loop devices that show a store's or a volume's file, as the kernel names it: `/folder/store.img`, `vol-1`. */
export async function devicesOf(...files: string[]): Promise<string[]> {
  const names = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const shown = await Promise.all(
    names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '')),
  );
  return shown.map((path) => path.trim()).filter((path) => files.some((file) => path.includes(file)));
}

/** Devices that are still there after all the time that the kernel may take. */
export async function devicesLeft(...files: string[]): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await devicesOf(...files);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(20);
  }
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-disks-'));
  atEnd(async () => {
    await sweepDisks(folder);
    await rm(folder, {recursive: true});
  });
  return folder;
}
