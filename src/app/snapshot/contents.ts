/** `contents.jsonl`: all that a snapshot holds, an object a line, sorted bytewise by path. What it lacks is not of it. */
import {escapePath, unescapePath} from './path-text.ts';

export const CONTENTS = 'contents.jsonl';

/**
 * A file, a folder or a link of a snapshot, with the mode and the owner that the original had; the snapshot's own are
 * root's alone. What ftask made itself, such as a dump, has no original and is root's.
 */
export interface Entry {
  /** From the snapshot's folder, one character a byte. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'link';
  /** Octal, such as `0640`. */
  readonly mode: string;
  readonly owner: string;
  readonly uid: number;
  readonly group: string;
  readonly gid: number;
  /** Bytes of a file. */
  readonly size?: number;
  /** Of a file; missing when the snapshot was made without checksums. */
  readonly sha256?: string;
  /** Where a link leads, one character a byte. */
  readonly link?: string;
  /** Seconds since the epoch, with what is behind the point. */
  readonly mtime: string;
  /** Where a single file came from, one character a byte; trees are found by the metadata. */
  readonly source?: string;
}

/** A line without its end. */
export function contentsLine(entry: Entry): string {
  const {path, type, mode, owner, uid, group, gid, size, sha256, link, mtime, source} = entry;
  return JSON.stringify({
    path: escapePath(path),
    type,
    mode,
    owner: escapePath(owner),
    uid,
    group: escapePath(group),
    gid,
    size,
    sha256,
    link: link === undefined ? undefined : escapePath(link),
    mtime,
    source: source === undefined ? undefined : escapePath(source),
  });
}

/** What a line says; undefined when it is none. */
export function parseContentsLine(line: string): Entry | undefined {
  const raw = objectOf(line);
  if (!raw) return undefined;
  const {type, mode, uid, gid, mtime, size, sha256} = raw;
  const [path, owner, group, link, source] = [
    raw['path'],
    raw['owner'],
    raw['group'],
    raw['link'],
    raw['source'],
  ].map((text) => (typeof text === 'string' ? unescapePath(text) : undefined));
  if (path === undefined || owner === undefined || group === undefined) return undefined;
  if (type !== 'file' && type !== 'dir' && type !== 'link') return undefined;
  if (typeof mode !== 'string' || !/^[0-7]{4}$/.test(mode)) return undefined;
  if (!isCount(uid) || !isCount(gid) || typeof mtime !== 'string') return undefined;
  if ((type === 'file') !== isCount(size) || (type === 'link') !== (link !== undefined)) return undefined;
  return {
    path,
    type,
    mode,
    owner,
    uid,
    group,
    gid,
    ...(isCount(size) && {size}),
    ...(typeof sha256 === 'string' && {sha256}),
    ...(link !== undefined && {link}),
    mtime,
    ...(source !== undefined && {source}),
  };
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? {...value} : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
