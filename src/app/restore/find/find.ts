/** Finding what is to be restored: the latest, one by its name, or a file of this machine. */
import {readFile, stat} from 'node:fs/promises';
import {basename} from 'node:path';
import {UsageError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import {BadSnapshot} from '../check/bad-snapshot.ts';
import {ARCHIVE_ENDS, isArchiveName, type Looking, type Source} from '../check/source.ts';
import {type Listed, listSnapshots} from './listed.ts';

export const LATEST = 'latest';

/** What was found. */
export type Found =
  /** Snapshots on the host, of which the first that is whole is meant. */
  | {readonly kind: 'listed'; readonly snapshots: readonly Listed[]}
  | {readonly kind: 'named'; readonly source: Source}
  /** An archive of this machine. */
  | {readonly kind: 'local'; readonly file: string};

/** Looks in all places, changes nothing. @throws UsageError `NoSuchSnapshot`, which names the places */
export async function findSnapshot(from: Looking, root: string, wanted: string): Promise<Found> {
  if (wanted === LATEST) {
    const snapshots = await listSnapshots(from, root);
    if (snapshots.length > 0) return {kind: 'listed', snapshots};
    throw new UsageError('NoSuchSnapshot', `${from.host.name}: there is no snapshot in ${root}`, {
      hint: 'name one: --from NAME or --from FILE; those made before a restore are found by their names only',
    });
  }
  const isName = !wanted.includes('/');
  const ends = isArchiveName(wanted) ? [''] : ['', ...ARCHIVE_ENDS];
  const places = isName ? ends.map((end) => `${root}/${wanted}${end}`) : [];
  const onHost = await firstOf(from, places);
  if (onHost) return {kind: 'named', source: onHost};
  if (isArchiveName(wanted) && (await isFile(wanted))) return {kind: 'local', file: wanted};
  const absolute = wanted.startsWith('/') ? [wanted] : [];
  const elsewhere = await firstOf(from, absolute);
  if (elsewhere) return {kind: 'named', source: elsewhere};
  const {name} = from.host;
  const checked = [`${wanted} here`, ...[...places, ...absolute].map((place) => `${name}:${place}`)];
  throw new UsageError('NoSuchSnapshot', `${name}: there is no snapshot ${wanted}`, {
    hint: `looked for ${checked.join(', ')}; an archive ends in ${ARCHIVE_ENDS.join(', ')}`,
  });
}

/** The first that is there: a folder with metadata, or an archive. */
async function firstOf({host, signal}: Looking, paths: readonly string[]): Promise<Source | undefined> {
  if (paths.length === 0) return undefined;
  const shownAs = `look for ${paths.join(' ')}`;
  const {stdout} = await host.run(looking(`${sh`set -- ${paths}`.text}${FIRST}`, {signal, shownAs}));
  const [kind, ...words] = stdout.replace(/\n$/, '').split(' ');
  if (kind !== 'folder' && kind !== 'archive') return undefined;
  const path = words.join(' ');
  return {kind, path, shown: path};
}

const FIRST = `
for path; do
  [ ! -f "$path/metadata.yml" ] || { echo "folder $path"; exit; }
  case $path in
    *.tar.gz | *.tar.zst | *.tar.gz.age | *.tar.zst.age) [ ! -f "$path" ] || { echo "archive $path"; exit; } ;;
  esac
done`;

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Brings an archive of this machine to the folder `upload` of the host, which is there, under its own name. The digest
 * beside it, if there is one, is compared with what was sent. @throws BadSnapshot; what `Host.put` throws
 */
export async function bringArchive(
  {host, signal}: Looking,
  file: string,
  upload: string,
  onProgress: (bytes: number) => void,
): Promise<Source> {
  const path = `${upload}/${basename(file)}`;
  const {sha256} = await host.put(file, path, {sudo: true, mode: 0o600, signal, onProgress});
  const digest = await readFile(`${file}.sha256`, 'utf8').catch(() => undefined);
  if (digest !== undefined && !digest.startsWith(sha256))
    throw new BadSnapshot(file, ['its SHA-256 differs']);
  return {kind: 'archive', path, shown: file};
}
