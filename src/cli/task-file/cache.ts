/** The folder that keeps what loading a task file costs: its transpiled code and its tasks as data. */
import {randomBytes} from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {World} from '../world.ts';

export interface CacheFolder {
  readonly path: string;
  /** The text of an entry; undefined when there is none that can be read. */
  read(name: string): string | undefined;
  /** Writes an entry all at once: a reader sees the old one or the new one. Returns its path. */
  write(name: string, text: string): string;
  /** Forgets a file that `write` made; one that is gone is no error. */
  remove(path: string): void;
  /** Removes the folder if it is for this process only. */
  close(): void;
}

/**
 * `$XDG_CACHE_HOME/ftask`, readable by its owner only. Code is run from it, so a folder that others
 * own or may write to is not used, nor one that cannot be written: a private one takes its place.
 */
export function openCache({env, userId}: Pick<World, 'env' | 'userId'>): CacheFolder {
  const home = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const path = join(home, 'ftask');
  if (!isPrivate(path, userId)) return temporaryCache();
  return folderCache(path, () => {});
}

/** A private folder that is removed when it is closed. */
export function temporaryCache(): CacheFolder {
  const path = mkdtempSync(join(tmpdir(), 'ftask-'));
  return folderCache(path, () => rmSync(path, {recursive: true, force: true}));
}

function isPrivate(path: string, userId: number | undefined): boolean {
  try {
    mkdirSync(path, {recursive: true, mode: 0o700});
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const {uid, mode} = statSync(path);
    return userId === undefined || (uid === userId && (mode & 0o022) === 0);
  } catch {
    return false;
  }
}

function folderCache(path: string, close: () => void): CacheFolder {
  return {
    path,
    close,
    remove: (entry) => rmSync(entry, {force: true}),
    read: (name) => {
      try {
        return readFileSync(join(path, name), 'utf8');
      } catch {
        return undefined;
      }
    },
    write: (name, text) => {
      const target = join(path, name);
      const draft = `${target}.${randomBytes(4).toString('hex')}`;
      writeFileSync(draft, text, {mode: 0o600});
      renameSync(draft, target);
      return target;
    },
  };
}
