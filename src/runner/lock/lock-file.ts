/** A lock as a file: it is there, whole, or it is not, and it says whose it is. */
import {createHash, randomBytes} from 'node:crypto';
import {linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
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
  // A link appears whole or not at all, so that nobody reads half a lock.
  const draft = draftOf(path);
  writeFileSync(draft, JSON.stringify(owner), {mode: 0o600});
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

/** The owner; undefined when there is no lock. @throws FtaskError on a file that is none */
export function readLock(path: string): LockOwner | undefined {
  const text = readText(path);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new FtaskError('LockFile', `${path} is no lock of ftask`, {hint: 'remove it', cause});
  }
}

/** Removes the lock if it still is this owner's. */
export function removeLock(path: string, owner: LockOwner): void {
  const aside = draftOf(path);
  try {
    // Moved away first and looked at again: another process may have put its own in place of a stale one.
    renameSync(path, aside);
    if (readText(aside) !== JSON.stringify(owner)) linkSync(aside, path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, {force: true});
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
