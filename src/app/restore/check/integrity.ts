/** Whether a snapshot is whole and what it was, wherever it is: everything that is true of it on any host. */
import {RefusedError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import {bytesText} from '../../../words.ts';
import {inPrivate, looking} from '../../backup/site.ts';
import type {Entry} from '../../snapshot/contents.ts';
import {type Metadata, readMetadata} from '../../snapshot/metadata.ts';
import {checkDigest, judgeArchive, type Texts, textsIn, unpack} from './archive.ts';
import {BadSnapshot, unlessBad} from './bad-snapshot.ts';
import {
  differencesOf,
  type Entries,
  type Item,
  type Items,
  manifestProblems,
  readContents,
} from './closed-world.ts';
import {checkFiles, itemsIn, textsOfFolder} from './folder.ts';
import type {Judgement, Member} from './members.ts';
import type {Looking, Source} from './source.ts';

/** A snapshot that was found to be whole. */
export interface Snapshot {
  /** What it was made of. */
  readonly source: Source;
  /** The folder on the host that it is in now; undefined when it was only looked at in its archive. */
  readonly folder?: string;
  readonly metadata: Metadata;
  readonly entries: Entries;
  /** What is not known of it, for people; each in a few words. */
  readonly doubts: readonly string[];
}

/**
 * Proves a snapshot; an archive is unpacked into `staging` for it, a folder that must not be there.
 * @throws BadSnapshot; RefusedError `NoSpace`, `NoIdentity`; what `Host.run` throws
 */
export async function proveSnapshot(from: Looking, source: Source, staging: string): Promise<Snapshot> {
  if (source.kind === 'folder') return proveFolder(from, source, source.path);
  await checkDigest(from, source);
  const judgement = await judgeArchive(from, source);
  await checkRoom(from, staging, judgement);
  await from.host.run(inPrivate(sh`mkdir -- ${staging}`.text, {signal: from.signal}));
  await unpack(from, source, staging);
  return proveFolder(from, source, `${staging}/${judgement.top}`);
}

/** The same as far as it goes without writing anything: of an archive without a digest the content is not read. */
export async function lookAtSnapshot(from: Looking, source: Source): Promise<Snapshot> {
  if (source.kind === 'folder') return proveFolder(from, source, source.path);
  const hasDigest = await checkDigest(from, source);
  const {members} = await judgeArchive(from, source);
  const texts = await textsIn(from, source);
  const items = new Map([...members].map(([path, member]) => [path, itemOf(member)]));
  const {metadata, entries, doubts} = readLists(source.shown, texts, items);
  const unread = hasDigest ? [] : ['no digest is beside it, so its files are checked when it is unpacked'];
  return {source, metadata, entries, doubts: [...doubts, ...unread]};
}

async function proveFolder(from: Looking, source: Source, folder: string): Promise<Snapshot> {
  const [texts, items] = await Promise.all([textsOfFolder(from, folder), itemsIn(from, folder)]);
  const {metadata, entries, doubts} = readLists(source.shown, texts, items);
  if (texts.manifest !== undefined) await checkFiles(from, folder, source.shown);
  return {source, folder, metadata, entries, doubts};
}

function readLists(shown: string, {metadata: yaml, contents, manifest}: Texts, items: Items) {
  if (yaml === undefined) throw new BadSnapshot(shown, ['it has no metadata.yml']);
  if (contents === undefined) throw new BadSnapshot(shown, ['it has no contents.jsonl, as ftask makes it']);
  const metadata = metadataIn(shown, yaml);
  const {entries, problems} = readContents(contents);
  unlessBad(shown, [...problems, ...differencesOf(entries, items), ...countProblems(metadata, entries)]);
  const hasDigests = [...entries.values()].some(({sha256}) => sha256 !== undefined);
  if (manifest === undefined && hasDigests) throw new BadSnapshot(shown, ['it has no manifest.sha256']);
  if (manifest !== undefined) unlessBad(shown, manifestProblems(manifest, entries));
  return {metadata, entries, doubts: manifest === undefined ? ['it was made without checksums'] : []};
}

function metadataIn(shown: string, yaml: string): Metadata {
  try {
    return readMetadata(Buffer.from(yaml, 'latin1').toString('utf8'), 'metadata.yml');
  } catch (error) {
    throw new BadSnapshot(shown, [error instanceof Error ? error.message : String(error)], error);
  }
}

/** What the metadata counts are the folders in one of the snapshot that has that name. */
function countProblems({counts}: Metadata, entries: Entries): string[] {
  return Object.entries(counts).flatMap(([name, count]) => {
    const inside = [...entries.values()].filter((entry) => entry.type === 'dir' && isIn(name, entry));
    if (!entries.has(name) || inside.length === count) return [];
    return [`its metadata counts ${count} ${name}, and there are ${inside.length}`];
  });
}

function isIn(folder: string, {path}: Entry): boolean {
  return path.startsWith(`${folder}/`) && !path.includes('/', folder.length + 1);
}

function itemOf({kind, bytes, target = ''}: Member): Item {
  return {type: TYPES[kind] ?? 'other', bytes, link: target};
}

const TYPES: Readonly<Record<string, Item['type']>> = {'-': 'file', d: 'dir', l: 'link'};

/** @throws RefusedError `NoSpace` */
async function checkRoom({host, signal}: Looking, staging: string, {members}: Judgement): Promise<void> {
  const blocks = [...members.values()].reduce((sum, {bytes}) => sum + 1 + Math.ceil(bytes / BLOCK), 0);
  const needed = blocks * BLOCK;
  const {stdout} = await host.run(
    looking(sh`df -B1 --output=avail "$(dirname ${staging})" | tail -n 1`.text, {signal, shownAs: 'df'}),
  );
  const free = Number(stdout);
  if (free >= needed) return;
  throw new RefusedError(
    'NoSpace',
    `${host.name}: unpacking takes ${bytesText(needed)}, and ${bytesText(free)} are free`,
    {
      hint: `make room for ${bytesText(needed - free)} more on the filesystem of ${staging}; nothing was changed`,
    },
  );
}

/** A file takes whole blocks, and an inode. */
const BLOCK = 4096;
