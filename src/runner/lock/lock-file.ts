/** A lock as a file, which says whose it is. */
import {createHash} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {createClaim, readClaim, removeClaim} from '../../claim-file.ts';
import {FtaskError} from '../../errors.ts';

/** Who holds a lock. */
export interface LockOwner {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** Of `processMark`. */
  readonly mark: string;
  readonly runId: string;
  /** The words after `ftask`, as far as they hold no secret. */
  readonly command: string;
  /** Such as 2026-11-21T07:50:12.000Z. */
  readonly since: string;
}

const LONGEST_NAME = 100;

/** The file of a lock. */
export function lockPath(folder: string, name: string): string {
  const text = encodeURIComponent(name);
  const short = text.length <= LONGEST_NAME ? text : createHash('sha256').update(name).digest('hex');
  return join(folder, `${short}.lock`);
}

/** Makes the file; false when it is there already. */
export function createLock(path: string, owner: LockOwner): boolean {
  mkdirSync(dirname(path), {recursive: true, mode: 0o700});
  return createClaim(path, JSON.stringify(owner));
}

/** The owner; undefined when there is no lock. @throws FtaskError on a file that is none */
export function readLock(path: string): LockOwner | undefined {
  const text = readClaim(path);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new FtaskError('LockFile', `${path} is no lock of ftask`, {hint: 'remove it', cause});
  }
}

/** Removes the lock if it still is this owner's. */
export function removeLock(path: string, owner: LockOwner): void {
  removeClaim(path, JSON.stringify(owner));
}
