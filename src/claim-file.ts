/** A file that one process claims something with: it is there, whole, or it is not. */
import {randomBytes} from 'node:crypto';
import {linkSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';

/** Makes the file with this text; false when it is there already. */
export function createClaim(path: string, text: string): boolean {
  // A link appears whole or not at all, so that nobody reads half of it.
  const draft = draftOf(path);
  writeFileSync(draft, text);
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

/** The text of the file; undefined when there is none. */
export function readClaim(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Gives the file another text, at once. Only who holds it may do this. */
export function rewriteClaim(path: string, text: string): void {
  const draft = draftOf(path);
  writeFileSync(draft, text);
  renameSync(draft, path);
}

/** Removes the file if this still is its text. */
export function removeClaim(path: string, text: string): void {
  const aside = draftOf(path);
  try {
    // Moved away first and looked at again: another process may have put its own in place of a stale one.
    renameSync(path, aside);
    if (readClaim(aside) !== text) linkSync(aside, path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, {force: true});
  }
}

function draftOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
