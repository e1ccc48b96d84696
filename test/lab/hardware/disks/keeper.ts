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
import type {Answer, Call, Calls} from './keeper-process.ts';

const SETTLE_MS = 5000;

export interface Keeper {
  /** Where its store is. */
  readonly folder: string;
  call<M extends keyof Calls>(
    method: M,
    ...words: Parameters<Calls[M]>
  ): Promise<Awaited<ReturnType<Calls[M]>>>;
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
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  const ready = new Promise<Answer>((resolve) => waiting.set(0, resolve));
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  child.once('exit', () => {
    for (const [id, answer] of waiting) answer({id, error: 'the keeper has ended'});
  });
  const keeper: Keeper = {
    folder,
    call: async (method, ...words) => {
      count += 1;
      const id = count;
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        child.send({id, method, words} satisfies Call, (error) => {
          if (error) resolve({id, error: error.message});
        });
      });
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.value as never;
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  atEnd(keeper.kill);
  const {error} = await ready;
  if (error !== undefined) throw new Error(error);
  return keeper;
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
