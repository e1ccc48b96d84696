/** A loop device that goes when its last user goes, however this process ends. */
import {open, readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {run} from '../run.ts';

const POLL_MS = 25;

/** A disk as the kernel knows it. */
export interface BlockDevice {
  /** `/dev/loop7`. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

export interface LoopDevice extends BlockDevice {
  /** Lets go of it: it vanishes with its last mount. May be called twice. */
  release(): Promise<void>;
  /** Resolves when it is gone. */
  gone(): Promise<void>;
}

/** Shows a file as a disk. */
export async function loopDevice(file: string): Promise<LoopDevice> {
  const shown = await run(['losetup', '--find', '--show', '--direct-io=on', file]);
  const path = shown.trim();
  const handle = await open(path, 'r');
  // While it is held open this only marks it to be cleared by the kernel at its last close.
  await run(['losetup', '--detach', path]);
  const [major, minor] = (await readFile(`/sys/block/${basename(path)}/dev`, 'utf8')).trim().split(':');
  return {
    path,
    major: Number(major),
    minor: Number(minor),
    release: () => handle.close(),
    gone: async () => {
      while ((await backingFile(path)) === file) await delay(POLL_MS);
    },
  };
}

/** The file behind a loop device; undefined when there is none. */
export async function backingFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(`/sys/block/${basename(path)}/loop/backing_file`, 'utf8')).trimEnd();
  } catch {
    return undefined;
  }
}
