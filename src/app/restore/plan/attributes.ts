/** Owners and modes of what is restored, as the script on the host reads them. Pure. */
import type {Entry} from '../../snapshot/contents.ts';
import {bytesOf} from '../../snapshot/path-text.ts';
import type {TreeStep} from './steps.ts';

/** Ids by name, of the host that is restored on. */
export interface Ids {
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
}

/** `<uid>:<gid>`: names count; one that the host does not know is the number that it was. */
export function ownerOf({owner, uid, group, gid}: Entry, {users, groups}: Ids): string {
  return `${users.get(owner) ?? uid}:${groups.get(group) ?? gid}`;
}

/** The list of a folder: records that end with a NUL byte, one character a byte. */
export function attributesOf({component, entries}: TreeStep, ids: Ids): string {
  const into = bytesOf(component.into);
  return entries
    .map((entry) => {
      const path = entry.path.slice(into.length + 1);
      return `${path === '' ? 't' : LETTERS[entry.type]} ${entry.mode} ${ownerOf(entry, ids)} ${path || '.'}\0`;
    })
    .join('');
}

const LETTERS = {file: 'x', dir: 'x', link: 'l'} as const;

/** Users and groups of entries that the host does not know, and that are names. */
export function strangers(entries: Iterable<Entry>, {users, groups}: Ids): string[] {
  const unknown = new Set<string>();
  for (const {owner, group} of entries) {
    if (!users.has(owner) && /\D/.test(owner)) unknown.add(`user ${owner}`);
    if (!groups.has(group) && /\D/.test(group)) unknown.add(`group ${group}`);
  }
  return [...unknown];
}
