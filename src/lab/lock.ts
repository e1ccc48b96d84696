/** One process at a time holds a lab's state: a lock file with its pid and, once it serves, its address. */
import {linkSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

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
  const path = lockPath(folder);
  const mine: Holder = {pid: process.pid, isServing, since: Date.now()};
  for (;;) {
    if (create(path, mine)) return held(path, mine);
    const text = read(path);
    if (text === undefined) continue;
    const holder = await alive(text);
    if (holder) return holder;
    removeStale(path, text);
  }
}

/** The live process that holds the state, if there is one. */
export async function liveHolder(folder: string): Promise<Holder | undefined> {
  const text = read(lockPath(folder));
  return text === undefined ? undefined : alive(text);
}

/** A link appears whole or not at all, so that nobody reads half a lock. */
function create(path: string, holder: Holder): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, {force: true});
  }
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

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function alive(text: string): Promise<Holder | undefined> {
  const holder: Holder = JSON.parse(text);
  if (!isRunning(holder.pid)) return undefined;
  if (holder.url === undefined) return Date.now() - holder.since < START_UP_MS ? holder : undefined;
  return (await answers(holder)) ? holder : undefined;
}

/** Moves it away first and looks again: another process may have replaced the stale lock by its own. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  } finally {
    rmSync(aside, {force: true});
  }
}

function isRunning(pid: number): boolean {
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
