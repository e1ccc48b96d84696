/** Locks of one run: a task that asks for one never runs twice at once for this user on this machine. */
import type {Clock} from '../../clock.ts';
import {FtaskError, RefusedError} from '../../errors.ts';
import type {Progress} from '../progress.ts';
import {createLock, type LockOwner, lockPath, readLock, removeLock} from './lock-file.ts';
import {processMark} from './process-mark.ts';

export interface LockPlace {
  /** Where the lock files are; made when it is missing. */
  readonly folder: string;
  /** This process. */
  readonly owner: Omit<LockOwner, 'mark' | 'since'>;
  /** Milliseconds to wait for a lock that another process holds. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

const POLL_MS = 250;

export class Locks {
  readonly #place: LockPlace;
  readonly #held = new Map<string, LockOwner>();

  constructor(place: LockPlace) {
    this.#place = place;
  }

  /**
   * Takes a lock, waiting as long as the place says, and returns what gives it back. What a process that is gone left
   * behind is taken over, and said. A lock that this run holds is simply shared.
   * @throws RefusedError 'Locked', which names the owner
   */
  async take(name: string): Promise<() => void> {
    if (this.#held.has(name)) return () => {};
    const {clock, folder, signal, progress, waitMs} = this.#place;
    const path = lockPath(folder, name);
    const deadline = clock.now() + waitMs;
    for (let isFirst = true; !(await this.#create(name, path)); isFirst = false) {
      const owner = await this.#liveOwner(name, path);
      if (!owner) continue;
      if (clock.now() >= deadline) throw this.#locked(name, path, owner);
      if (isFirst) progress.note(`waiting for the lock of ${name}, held by ${ownerText(owner)}`);
      await clock.sleep(Math.min(POLL_MS, deadline - clock.now()), signal);
    }
    return () => this.#release(name);
  }

  /** For when the process ends in this very moment. */
  releaseAll(): void {
    for (const name of [...this.#held.keys()]) this.#release(name);
  }

  #release(name: string): void {
    const owner = this.#held.get(name);
    this.#held.delete(name);
    if (!owner) return;
    try {
      removeLock(lockPath(this.#place.folder, name), owner);
    } catch (error) {
      // The next run sees that this process is gone.
      this.#place.progress.warn(`the lock of ${name} could not be removed: ${(error as Error).message}`);
    }
  }

  async #create(name: string, path: string): Promise<boolean> {
    const {owner, clock, folder} = this.#place;
    const mark = (await processMark(owner.pid)) ?? '';
    const mine = {...owner, mark, since: new Date(clock.now()).toISOString()};
    try {
      if (!createLock(path, mine)) return false;
    } catch (cause) {
      const {code, message} = cause as NodeJS.ErrnoException;
      throw new FtaskError('LockFolder', `cannot keep locks in ${folder}: ${code ?? message}`, {
        hint: 'XDG_STATE_HOME names another place for them',
        cause,
      });
    }
    this.#held.set(name, mine);
    return true;
  }

  /** The owner of a lock if it lives; what a dead one left is removed. */
  async #liveOwner(name: string, path: string): Promise<LockOwner | undefined> {
    const owner = readLock(path);
    if (!owner) return undefined;
    // Nobody knows here whether a process on another machine lives.
    const isHere = owner.host === this.#place.owner.host;
    if (!isHere || (await processMark(owner.pid)) === owner.mark) return owner;
    removeLock(path, owner);
    this.#place.progress.warn(
      `the lock of ${name} was left by ${ownerText(owner)}, which is gone; taken over`,
    );
    return undefined;
  }

  #locked(name: string, path: string, owner: LockOwner): RefusedError {
    const wait = '--lock-wait 10m waits for it';
    const isHere = owner.host === this.#place.owner.host;
    return new RefusedError('Locked', `${name} is running already: ${ownerText(owner)}`, {
      hint: isHere ? wait : `${wait}; if it is gone for sure, remove ${path}`,
    });
  }
}

function ownerText({user, host, pid, since, command, runId}: LockOwner): string {
  const when = since.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
  return `${user}@${host}, process ${pid} since ${when}, run ${runId}: ftask ${command}`;
}
