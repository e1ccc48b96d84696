/** What the host tells of the files of a snapshot, sorted by path, becomes their entries. */

import {FtaskError} from '../../../errors.ts';
import type {Entry} from '../../snapshot/contents.ts';
import {escapePath} from '../../snapshot/path-text.ts';
import type {Original} from '../capture/found.ts';

/** What is known beside the records. Texts are one character a byte. */
export interface Known {
  /** Of single files that were copied, by their path in the snapshot. */
  readonly originals: ReadonlyMap<string, Original>;
  /** Where links lead, by their path. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Entries out of records that are sorted by path: `f <type> <size> <mtime> - - <path>` is what lies in the snapshot,
 * `h <sha256> - - - - <path>` its digest, `o <mode> <uid> <gid> <user> <group> <path>` what the original of a tree is.
 * A tab is between the fields, since names of users and groups may have blanks. What was not copied has no entry.
 * @throws FtaskError `NotListed` when the list of what lies there is not whole
 */
export async function* entriesOf(records: AsyncIterable<string>, known: Known): AsyncGenerator<Entry> {
  let path: string | undefined;
  let facts = new Map<string, readonly string[]>();
  const entry = (): Entry | undefined => (path === undefined ? undefined : entryOf(path, facts, known));
  for await (const record of records) {
    const [kind = '', ...rest] = record.split('\t');
    const itsPath = rest.slice(FIELDS).join('\t');
    if (itsPath !== path) {
      const done = entry();
      if (done) yield done;
      path = itsPath;
      facts = new Map();
    }
    facts.set(kind, rest.slice(0, FIELDS));
  }
  const last = entry();
  if (last) yield last;
}

/** Between the kind of a record and its path. */
const FIELDS = 5;

const TYPES: Readonly<Record<string, Entry['type']>> = {f: 'file', d: 'dir', l: 'link'};

function entryOf(
  path: string,
  facts: ReadonlyMap<string, readonly string[]>,
  {originals, links}: Known,
): Entry | undefined {
  const [letter = '', size, mtime = ''] = facts.get('f') ?? [];
  const type = TYPES[letter];
  if (type === undefined && facts.has('h'))
    throw new FtaskError('NotListed', `${escapePath(path)} of the snapshot was hashed, and is not listed`);
  if (type === undefined) return undefined;
  const [sha256] = facts.get('h') ?? [];
  const link = links.get(path);
  return {
    path,
    type,
    ...(originals.get(path) ?? treeOriginal(facts.get('o')) ?? ownOriginal(type)),
    ...(type === 'file' && {size: Number(size)}),
    ...(sha256 !== undefined && {sha256}),
    ...(type === 'link' && {link: link ?? ''}),
    mtime,
  };
}

function treeOriginal(fields: readonly string[] | undefined): Original | undefined {
  if (!fields) return undefined;
  const [mode = '', uid, gid, owner = '', group = ''] = fields;
  return {mode: mode.padStart(4, '0'), uid: Number(uid), gid: Number(gid), owner, group};
}

/** Ours, or of an original that is gone by now. */
function ownOriginal(type: Entry['type']): Original {
  const mode = {file: '0600', dir: '0700', link: '0777'}[type];
  return {mode, owner: 'root', uid: 0, group: 'root', gid: 0};
}
