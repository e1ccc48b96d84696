/** One process at a time holds a lab's state: a lock file with its pid and, once it serves, its address. */
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {createClaim, readClaim, removeClaim, rewriteClaim} from '../claim-file.ts';

const START_UP_MS = 10_000;
const ANSWER_MS = 2000;

/** Who holds a lab's state. */
export interface Holder {
  readonly pid: number;
  /** Whether it serves in the foreground until it is told to stop, so that others may join it. */
  readonly isServing: boolean;
  readonly since: number;
  readonly url?: string;
}

export interface Lock {
  /** Tells others where the lab is served. */
  publish(url: string): void;
  /** Tells others that this process still prepares to serve. */
  touch(): void;
  /** May be called twice. */
  release(): void;
}

export type Claimant = Pick<Holder, 'pid' | 'isServing'>;

/** Takes the lock, or returns the live process that holds it. What a dead process left behind is removed. */
export async function acquire(folder: string, {pid, isServing}: Claimant): Promise<Lock | Holder> {
  const path = lockPath(folder);
  const mine: Holder = {pid, isServing, since: Date.now()};
  for (;;) {
    if (createClaim(path, JSON.stringify(mine))) return held(path, mine);
    const text = readClaim(path);
    if (text === undefined) continue;
    const holder = await alive(text);
    if (holder) return holder;
    removeClaim(path, text);
  }
}

/** The live process that holds the state, if there is one. */
export async function liveHolder(folder: string): Promise<Holder | undefined> {
  const text = readClaim(lockPath(folder));
  return text === undefined ? undefined : alive(text);
}

function held(path: string, mine: Holder): Lock {
  return {
    publish(url) {
      rewriteClaim(path, JSON.stringify({...mine, url}));
    },
    touch() {
      rewriteClaim(path, JSON.stringify({...mine, since: Date.now()}));
    },
    release() {
      rmSync(path, {force: true});
    },
  };
}

async function alive(text: string): Promise<Holder | undefined> {
  const holder: Holder = JSON.parse(text);
  if (!isRunning(holder.pid)) return undefined;
  if (holder.url === undefined) return Date.now() - holder.since < START_UP_MS ? holder : undefined;
  return (await answers(holder)) ? holder : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A busy process may be late to answer; only a refused or foreign answer means that it is gone. */
async function answers({pid, url}: Holder): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_lab`, {signal: AbortSignal.timeout(ANSWER_MS)});
    const status = (await response.json()) as {pid?: number};
    return status.pid === pid;
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError';
  }
}

function lockPath(folder: string): string {
  return join(folder, 'lock.json');
}
