/** Whether a snapshot holds what its own lists say, and nothing else. Pure. */
import {CONTENTS, type Entry, parseContentsLine} from '../../snapshot/contents.ts';
import {MANIFEST, parseManifestLine} from '../../snapshot/manifest.ts';
import {escapePath} from '../../snapshot/path-text.ts';

/** Something that really is in a snapshot. */
export interface Item {
  readonly type: Entry['type'] | 'other';
  /** Of a file. */
  readonly bytes: number;
  /** Where a link leads, one character a byte. */
  readonly link: string;
}

/** Items and entries are by their path in the snapshot, one character a byte. */
export type Items = ReadonlyMap<string, Item>;
export type Entries = ReadonlyMap<string, Entry>;

/** Reads `contents.jsonl`. Lines that are none, or come twice, are problems. */
export function readContents(text: string): {
  readonly entries: Entries;
  readonly problems: readonly string[];
} {
  const entries = new Map<string, Entry>();
  const problems: string[] = [];
  for (const [index, line] of linesIn(text).entries()) {
    const entry = parseContentsLine(line);
    if (!entry || !isBelow(entry.path)) problems.push(`line ${index + 1} of ${CONTENTS} is not understood`);
    else if (entries.has(entry.path)) problems.push(`${escapePath(entry.path)} is in ${CONTENTS} twice`);
    else entries.set(entry.path, entry);
  }
  return {entries, problems};
}

/** What is not as the list says: missing, extra, of another type, size or target; or behind a link. */
export function differencesOf(entries: Entries, items: Items): string[] {
  const problems: string[] = [];
  for (const [path, entry] of entries) {
    const problem = differenceOf(entry, items.get(path));
    if (problem !== undefined) problems.push(`${escapePath(path)}: ${problem}`);
    else if (isBehindLink(path, entries)) problems.push(`${escapePath(path)}: it lies behind a link`);
  }
  for (const path of items.keys())
    if (!entries.has(path) && !LISTS.has(path))
      problems.push(`${escapePath(path)}: it is not in ${CONTENTS}`);
  return problems;
}

/** Both tell of the others, and the manifest of the list. */
const LISTS: ReadonlySet<string> = new Set([CONTENTS, MANIFEST]);

/** What `manifest.sha256` says otherwise than `contents.jsonl`, or leaves out. */
export function manifestProblems(text: string, entries: Entries): string[] {
  const problems: string[] = [];
  const digests = new Map<string, string>();
  for (const [index, line] of linesIn(text).entries()) {
    const digest = parseManifestLine(line);
    if (digest) digests.set(digest.path, digest.sha256);
    else problems.push(`line ${index + 1} of ${MANIFEST} is not understood`);
  }
  if (!digests.has(CONTENTS)) problems.push(`${CONTENTS} is not in ${MANIFEST}`);
  for (const [path, {type, sha256}] of entries)
    if (type === 'file' && (sha256 === undefined || digests.get(path) !== sha256))
      problems.push(`${escapePath(path)}: ${MANIFEST} and ${CONTENTS} have different digests of it`);
  for (const path of digests.keys())
    if (path !== CONTENTS && entries.get(path)?.type !== 'file')
      problems.push(`${escapePath(path)}: it is in ${MANIFEST} alone`);
  return problems;
}

function linesIn(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function isBelow(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function differenceOf({type, size, link}: Entry, item: Item | undefined): string | undefined {
  if (!item) return 'it is missing';
  if (item.type !== type) return `it is no ${NAMES[type]}`;
  if (type === 'file' && item.bytes !== size) return `it has ${item.bytes} bytes, not ${size}`;
  return type === 'link' && item.link !== link ? 'it leads elsewhere' : undefined;
}

const NAMES = {file: 'file', dir: 'folder', link: 'link'} as const;

function isBehindLink(path: string, entries: Entries): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const above = entries.get(path.slice(0, end));
    if (above && above.type !== 'dir') return true;
  }
  return false;
}
