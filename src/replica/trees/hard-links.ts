/** Which paths of a tree are one file: writing into one of them in place changes the others. */
import {asRoot} from '../../disk/as-root.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Tree} from './tree.ts';

/** So much is compared in memory. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface TreeOnHost {
  readonly host: Host;
  readonly tree: Tree;
}

/**
 * Parts paths that are one file on the target and not on the source; their content stays. rsync does not: what it writes
 * in place into one of them would be in the others, and it need not see that. False when it cannot be told, so that the
 * next pass must not write in place.
 */
export async function partLinks(source: TreeOnHost, target: TreeOnHost): Promise<boolean> {
  const theirs = await linkedPaths(target.host, target.tree.mountPoint);
  if (!theirs) return false;
  if (theirs.size === 0) return true;
  const ours = await linkedPaths(source.host, source.tree.mountPoint);
  if (!ours) return false;
  const paths = pathsToPart(ours, theirs);
  if (paths.length > 0) await part(target.host, target.tree.mountPoint, paths);
  return true;
}

/** Given the file behind each path that has others: those of the target that must become files of their own. Pure. */
export function pathsToPart(
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): string[] {
  // Of each file one stays, with those that are one with it on the source, too.
  const kept = new Map<string, string | undefined>();
  return [...theirs].flatMap(([path, file]) => {
    const own = ours.get(path);
    if (!kept.has(file)) kept.set(file, own);
    else if (own === undefined || kept.get(file) !== own) return [path];
    return [];
  });
}

const PART_EACH = sh`for path; do
  new=\${path%/*}/.ftask-part.$$
  cp -a "$path" "$new" && mv -f "$new" "$path" || exit 255
done`.text;

async function part(host: Host, mountPoint: string, paths: readonly string[]): Promise<void> {
  await host.run(asRoot(sh`cd ${mountPoint} && xargs -0 sh -c ${PART_EACH} part`), {
    stdin: Buffer.from(paths.map((path) => `./${path}\0`).join(''), 'latin1'),
    shownAs: `part ${paths.length} hard links in ${mountPoint}`,
  });
}

/** The number of the file behind each path that is not its only one. Names are bytes, so each is read as one. */
async function linkedPaths(host: Host, mountPoint: string): Promise<ReadonlyMap<string, string> | undefined> {
  const find = sh`find ${mountPoint} -xdev -type f -links +1 -printf '%i %P\\0'`;
  const running = await host.stream(
    asRoot(find, {reads: true, accept: 'any', shownAs: `look for hard links in ${mountPoint}`}),
  );
  running.stdin.end();
  running.stderr.resume();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  }
  const {code} = await running.result;
  if (code !== 0 || bytes > MOST_BYTES) return undefined;
  const records = Buffer.concat(chunks).toString('latin1').split('\0').slice(0, -1);
  return new Map(
    records.map((record) => {
      const blank = record.indexOf(' ');
      return [record.slice(blank + 1), record.slice(0, blank)];
    }),
  );
}
