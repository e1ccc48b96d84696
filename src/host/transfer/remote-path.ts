/** Paths on a host, as operators write them and as programs there must see them. */
import {UsageError} from '../../errors.ts';

/** A path on a host that no program takes for an option. */
export interface RemotePath {
  /** Begins with `/` or `./`; a relative one starts in the folder that the host's commands start in. */
  readonly path: string;
  /** It ended with `/`: what arrives keeps its name in this folder. */
  readonly isFolder: boolean;
}

/**
 * Reads a path: relative paths and `~/` start in the user's home, a slash at the end stands for a folder.
 * @throws UsageError on an empty one
 */
export function remotePath(raw: string): RemotePath {
  if (raw === '') throw new UsageError('EmptyPath', 'a path on a host may not be empty');
  const inHome = raw.replace(/^~(?=\/|$)/, '.');
  const anchored = inHome.startsWith('/') || /^\.(\/|$)/.test(inHome) ? inHome : `./${inHome}`;
  const path = anchored.replace(/\/+$/, '');
  return {path: path || '/', isFolder: path !== anchored || path === '.'};
}

/** `name` in a folder. */
export function remoteChild(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
