/** A loop device that goes when its last user goes, however this process ends. */
import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {bind, cutOff} from './loop-control.ts';

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
  /** Lets go of it, and nobody reaches the file through it any more, whoever has it mounted. May be called twice. */
  cut(): Promise<void>;
  /** Resolves when the file is no longer reached through it. */
  gone(): Promise<void>;
  isThere(): Promise<boolean>;
}

const POLL_MS = 10;
const MAX_POLL_MS = 250;

/** Shows a file as a disk. The name is what it is known by from any namespace: up to 63 characters. */
export async function loopDevice(file: string, name = 'ftask', isDirect = true): Promise<LoopDevice> {
  const {path, major, minor, handle} = await bind({file, name, isDirect});
  const sequence = await sequenceOf(path);
  let isReleased = false;
  let isCut = false;
  const release = async () => {
    if (isReleased) return;
    isReleased = true;
    await handle.close();
  };
  const isThere = async () => (await isBound(path)) && (await sequenceOf(path)) === sequence;
  return {
    path,
    major,
    minor,
    release,
    isThere,
    cut: async () => {
      await cutOff(path, name);
      isCut = true;
      await release();
    },
    gone: async () => {
      for (let waitMs = POLL_MS; !isCut && (await isThere()); waitMs = Math.min(2 * waitMs, MAX_POLL_MS)) {
        await delay(waitMs);
      }
    },
  };
}

/** Whether there is a file behind a loop device. */
async function isBound(path: string): Promise<boolean> {
  return (await attribute(path, 'loop/backing_file')) !== undefined;
}

/** Loop devices are used again at once; this number counts what they showed. */
function sequenceOf(path: string): Promise<string | undefined> {
  return attribute(path, 'diskseq');
}

async function attribute(path: string, name: string): Promise<string | undefined> {
  return readFile(`/sys/block/${basename(path)}/${name}`, 'utf8').catch(() => undefined);
}
