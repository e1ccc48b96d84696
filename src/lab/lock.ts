/** One process at a time holds a lab's state: a lock file with its pid and, once it serves, its address. */
import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

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
  /** May be called twice. */
  release(): void;
}

/** Takes the lock, or returns the live process that holds it. What a dead process left behind is removed. */
export async function acquire(folder: string, isServing: boolean): Promise<Lock | Holder> {
  mkdirSync(folder, {recursive: true});
  const path = lockPath(folder);
  const mine: Holder = {pid: process.pid, isServing, since: Date.now()};
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), {flag: 'wx'});
      return held(path, mine);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    const holder = await liveHolder(folder);
    if (holder) return holder;
    removeStale(path);
  }
}

/** The live process that holds the state, if there is one. */
export async function liveHolder(folder: string): Promise<Holder | undefined> {
  const holder = await readHolder(lockPath(folder));
  if (!holder || !isAlive(holder.pid)) return undefined;
  if (holder.url === undefined) return Date.now() - holder.since < START_UP_MS ? holder : undefined;
  return (await answers(holder)) ? holder : undefined;
}

function held(path: string, mine: Holder): Lock {
  return {
    publish(url) {
      writeFileSync(`${path}.${process.pid}`, JSON.stringify({...mine, url}));
      renameSync(`${path}.${process.pid}`, path);
    },
    release() {
      rmSync(path, {force: true});
    },
  };
}

/** A lock that is being written may be empty for an instant. */
async function readHolder(path: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      await delay(20);
    }
  }
  return undefined;
}

/** Moves it away first: of several that found it stale, one succeeds. */
function removeStale(path: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  rmSync(aside, {force: true});
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
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

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
