/** The snapshots on a host: which there are, and how some are removed. Only who holds the lock may. */
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {inPrivate, looking} from '../backup/site.ts';
import {ARCHIVE_ENDS} from '../restore/check/source.ts';
import {CONTENTS} from '../snapshot/contents.ts';
import {METADATA, type Metadata, readMetadata} from '../snapshot/metadata.ts';
import {momentOf, parseSnapshotName, partialName} from '../snapshot/name.ts';
import {
  type Judging,
  type ListedSnapshot,
  type Listing,
  type Other,
  PIN_END,
  strangePrefix,
} from './listing.ts';

/** Looks, and changes nothing; there may be no such folder yet. @throws CommandFailed */
export async function listOnHost(
  host: Host,
  root: string,
  judging: Judging,
  signal: AbortSignal,
): Promise<Listing> {
  const command = looking(sh`root=${root}`.text + LIST, {signal, shownAs: `list the snapshots in ${root}`});
  const [hostname = '', ...words] = (await host.run(command)).stdout.split('\0').slice(0, -1);
  return listingOf(wordsIn(words), hostname, judging);
}

/** What the host tells: the names in the folder, metadata of folders and texts of pins by their name. */
export interface Told {
  readonly names: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly pins: ReadonlyMap<string, string>;
}

/** What of it is proved to be of the application on this host. Pure. */
export function listingOf({names, metadata, pins}: Told, hostname: string, judging: Judging): Listing {
  const all = new Set(names);
  const snapshots: ListedSnapshot[] = [];
  const others: Other[] = [];
  for (const name of new Set(names.map(snapshotOf))) {
    const parsed = parseSnapshotName(name);
    if (!parsed) continue;
    const why =
      strangePrefix(parsed.prefix, judging) ??
      unproved(name, parsed.timestamp, metadata.get(name), {hostname, judging});
    const archives = ARCHIVE_ENDS.map((end) => `${name}${end}`).flatMap((one) => [one, `${one}.sha256`]);
    const pin = pins.get(`${name}${PIN_END}`);
    if (why !== undefined) others.push({name, why});
    else {
      snapshots.push({
        name,
        prefix: parsed.prefix,
        timeMs: momentOf(parsed.timestamp) ?? Number.NaN,
        parts: [...archives.filter((one) => all.has(one)), name],
        ...(pin !== undefined && {pin}),
      });
    }
  }
  return {snapshots, others};
}

/** The disk space that each takes. @throws CommandFailed */
export async function sizesOnHost(
  host: Host,
  root: string,
  snapshots: readonly ListedSnapshot[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (snapshots.length === 0) return [];
  const each = snapshots.map(({parts}) => sh`du -scB1 -- ${parts} | tail -n 1 | cut -f 1`.text);
  const {stdout} = await host.run(
    looking([sh`cd -- ${root}`.text, ...each].join('\n'), {
      signal,
      shownAs: `measure ${snapshots.length} snapshots`,
    }),
  );
  return stdout.trim().split('\n').map(Number);
}

/**
 * Removes one. Each part loses its name before anything of it goes, so that whoever dies here leaves no half of it under
 * a real name; the next backup removes the rest. @throws CommandFailed
 */
export async function removeOnHost(
  host: Host,
  root: string,
  {name, parts}: ListedSnapshot,
  signal: AbortSignal,
): Promise<void> {
  const moves = parts.map((part) => sh`mv -T -- ${part} ${partialName(part)}`.text);
  const script = [
    'set -e',
    sh`cd -- ${root}`.text,
    ...moves,
    'sync .',
    sh`rm -rf -- ${parts.map(partialName)}`.text,
  ];
  await host.run(inPrivate(script.join('\n'), {signal, shownAs: `remove ${name}`}));
}

/** The name without what stands behind the moment. */
function snapshotOf(name: string): string {
  return name.replace(/(?<=-\d{8}T\d{6}Z)\..*$/, '');
}

interface Proof {
  readonly hostname: string;
  readonly judging: Judging;
}

function unproved(
  name: string,
  timestamp: string,
  yaml: string | undefined,
  {hostname, judging}: Proof,
): string | undefined {
  if (yaml === undefined) return 'there is no whole folder of it that tells what it is';
  const metadata = metadataIn(yaml, name);
  if (!metadata) return 'its metadata cannot be read';
  if (metadata.application !== judging.application)
    return `it is of ${metadata.application || 'no application'}`;
  if (metadata.hostname !== hostname) return `it is of the host ${metadata.hostname || 'of another tool'}`;
  if (metadata.timestamp !== timestamp) return `its metadata says that it is of ${metadata.timestamp}`;
  return undefined;
}

function metadataIn(yaml: string, where: string): Metadata | undefined {
  try {
    return readMetadata(yaml, where);
  } catch {
    return undefined;
  }
}

/** Folders are root's own, no links, and were closed with a list of all that they hold. */
const LIST = `
cd "$root" 2>/dev/null || exit 0
uname -n | tr '\\n' '\\0'
for name in *; do
  printf 'name\\0%s\\0\\0' "$name"
  case $name in *${PIN_END})
    [ -f "$name" ] && [ ! -L "$name" ] && { printf 'pin\\0%s\\0' "$name"; head -c 200 "$name" | tr -d '\\0' | head -n 1; printf '\\0'; }
    continue ;;
  esac
  [ -d "$name" ] && [ ! -L "$name" ] && [ -O "$name" ] && [ -f "$name/${METADATA}" ] && [ -f "$name/${CONTENTS}" ] &&
    { printf 'metadata\\0%s\\0' "$name"; tr -d '\\0' <"$name/${METADATA}"; printf '\\0'; }
done
true`;

function wordsIn(words: readonly string[]): Told {
  const names: string[] = [];
  const [metadata, pins] = [new Map<string, string>(), new Map<string, string>()];
  for (let at = 0; at < words.length; at += 3) {
    const [kind, name = '', text = ''] = words.slice(at, at + 3);
    if (kind === 'name') names.push(name);
    if (kind === 'metadata') metadata.set(name, text);
    if (kind === 'pin') pins.set(name, text.trim());
  }
  return {names, metadata, pins};
}
