/** Which paths of a tree are one file: writing into one of them in place changes the others. */
import {asRoot} from '../../disk/as-root.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Tree} from './tree.ts';

/** So much is compared in memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Whether paths are one file on the target that are not on the source. rsync does not part them: what it writes in
 * place into one would be in the other, and it need not see that. When it cannot be told, they count as such.
 */
export async function hasLinksOfItsOwn(
  source: {readonly host: Host; readonly tree: Tree},
  target: {readonly host: Host; readonly tree: Tree},
): Promise<boolean> {
  const theirs = await linkedPaths(target.host, target.tree.mountPoint);
  if (!theirs) return true;
  if (theirs.size === 0) return false;
  const ours = await linkedPaths(source.host, source.tree.mountPoint);
  return ours === undefined || partsLinks(ours, theirs);
}

/** Files by path, on both sides: whether two paths of one file on the target are of two on the source. Pure. */
export function partsLinks(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): boolean {
  const counterpart = new Map<string, string | undefined>();
  for (const [path, file] of theirs) {
    const own = ours.get(path);
    if (own === undefined) return true;
    if (counterpart.has(file) && counterpart.get(file) !== own) return true;
    counterpart.set(file, own);
  }
  return false;
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
