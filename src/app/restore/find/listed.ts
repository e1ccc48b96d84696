/** What lies in the folder of the snapshots, with what the metadata of each says. */
import {basename} from 'node:path';
import {sh} from '../../../host/command.ts';
import {looking} from '../../backup/site.ts';
import {wordsOf} from '../../output.ts';
import {type Metadata, readMetadata} from '../../snapshot/metadata.ts';
import {parseSnapshotName, SAFETY_PREFIX} from '../../snapshot/name.ts';
import {textsIn} from '../check/archive.ts';
import {BadSnapshot} from '../check/bad-snapshot.ts';
import {ARCHIVE_ENDS, isArchiveName, isEncrypted, type Looking, type Source} from '../check/source.ts';

/** A snapshot that may be restored, or why it may not. */
export interface Listed {
  readonly source: Source;
  /** Undefined when it could not be read; `problem` says why then. */
  readonly metadata?: Metadata;
  readonly problem?: string;
}

/**
 * All snapshots in a folder but those that were made before a restore: the newest by its metadata first, a folder before
 * its archive. One whose metadata cannot be read comes where its name has it. @throws CommandFailed
 */
export async function listSnapshots(from: Looking, root: string): Promise<readonly Listed[]> {
  const names: {name: string; yaml: string}[] = [];
  const command = looking(`${sh`root=${root}`.text}${LIST}`, {
    signal: from.signal,
    shownAs: `list the snapshots in ${root}`,
  });
  let name: string | undefined;
  for await (const word of wordsOf(from.host, command, '\0')) {
    if (name === undefined) name = Buffer.from(word, 'latin1').toString('utf8');
    else {
      names.push({name, yaml: word});
      name = undefined;
    }
  }
  const folders = new Map(names.filter((one) => !isArchiveName(one.name)).map((one) => [one.name, one.yaml]));
  const listed: Listed[] = [];
  for (const one of names) {
    if (one.name.startsWith(`${SAFETY_PREFIX}-`)) continue;
    const kind = isArchiveName(one.name) ? 'archive' : 'folder';
    const path = `${root}/${one.name}`;
    const source: Source = {kind, path, shown: path};
    const yaml = folders.get(withoutEnd(one.name));
    listed.push(yaml === undefined ? await readArchive(from, source) : listedOf(source, yaml));
  }
  return listed.filter(({metadata}) => metadata?.extra['safety_backup'] !== true).sort(newestFirst);
}

/** In the order of their names, so that a folder comes before its archive. */
const LIST = `
cd "$root" 2>/dev/null || exit 0
for name in *; do
  [ ! -L "$name" ] || continue
  case $name in
    *.tar.gz | *.tar.zst | *.tar.gz.age | *.tar.zst.age) [ -f "$name" ] && printf '%s\\0\\0' "$name" ;;
    *) [ -f "$name/metadata.yml" ] && { printf '%s\\0' "$name"; cat "$name/metadata.yml"; printf '\\0'; } ;;
  esac
done
true`;

function withoutEnd(name: string): string {
  const end = ARCHIVE_ENDS.find((one) => name.endsWith(one));
  return end === undefined ? name : name.slice(0, -end.length);
}

/** Without a folder beside it, the archive itself is asked. */
async function readArchive(from: Looking, source: Source): Promise<Listed> {
  if (isEncrypted(source.path) && !from.identity) return {source, problem: 'it is encrypted'};
  const {metadata} = await textsIn(from, source).catch((error: unknown) => {
    if (error instanceof BadSnapshot) return {metadata: undefined};
    throw error;
  });
  return metadata === undefined
    ? {source, problem: 'its metadata cannot be read'}
    : listedOf(source, metadata);
}

function listedOf(source: Source, yaml: string): Listed {
  try {
    const metadata = readMetadata(Buffer.from(yaml, 'latin1').toString('utf8'), source.path);
    return {source, metadata};
  } catch (error) {
    return {source, problem: error instanceof Error ? error.message : String(error)};
  }
}

function newestFirst(one: Listed, other: Listed): number {
  const [first, second] = [one, other].map(timestampOf);
  if (first !== second) return (first ?? '') < (second ?? '') ? 1 : -1;
  return one.source.path.length - other.source.path.length;
}

function timestampOf({metadata, source}: Listed): string | undefined {
  const name = withoutEnd(basename(source.path));
  return (metadata ?? parseSnapshotName(name))?.timestamp.replace(/Z$/, '');
}
