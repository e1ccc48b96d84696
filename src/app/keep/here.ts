/** The archives on this machine: which are of an application and a host, and how some are removed. */
import {lstat, readdir, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {syncFolder} from '../../host/transfer/local/file.ts';
import {explainedAs} from '../../host/transfer/reason.ts';
import {ARCHIVE_ENDS} from '../restore/check/source.ts';
import {momentOf, parseSnapshotName} from '../snapshot/name.ts';
import {parseReceipt, RECEIPT_END} from '../snapshot/receipt.ts';
import {
  type Judging,
  type ListedSnapshot,
  type Listing,
  type Other,
  PIN_END,
  strangePrefix,
} from './listing.ts';

/** Changes nothing. Archives of other hosts may lie in the same folder. @throws TransferFailed */
export async function listHere(folder: string, host: string, judging: Judging): Promise<Listing> {
  return explained(folder, async () => {
    const names = new Set(await namesIn(folder));
    const snapshots: ListedSnapshot[] = [];
    const others: Other[] = [];
    for (const archive of names) {
      const name = nameOf(archive);
      const parsed = parseSnapshotName(name ?? '');
      if (name === undefined || !parsed) continue;
      const why =
        strangePrefix(parsed.prefix, judging) ?? (await unproved(folder, {archive, name, host, judging}));
      const pin = await pinOf(folder, name, names);
      if (why !== undefined) others.push({name: archive, why});
      else {
        snapshots.push({
          name,
          prefix: parsed.prefix,
          timeMs: momentOf(parsed.timestamp) ?? Number.NaN,
          parts: [archive, ...[DIGEST_END, RECEIPT_END].map((end) => `${archive}${end}`)],
          ...(pin !== undefined && {pin}),
        });
      }
    }
    return {snapshots, others};
  });
}

/** Bytes of each. @throws TransferFailed */
export async function sizesHere(
  folder: string,
  snapshots: readonly ListedSnapshot[],
): Promise<readonly number[]> {
  return explained(folder, () =>
    Promise.all(snapshots.map(async ({parts: [archive = '']}) => (await lstat(join(folder, archive))).size)),
  );
}

/**
 * Removes one. The archive loses its name first; whoever dies here leaves no half of it under a real name.
 * @throws TransferFailed
 */
export async function removeHere(folder: string, {parts}: ListedSnapshot): Promise<void> {
  const [archive = ''] = parts;
  await explained(folder, async () => {
    await rename(join(folder, archive), join(folder, removedName(archive)));
    await syncFolder(folder);
    await finishRemoval(folder, archive);
  });
}

/** Finishes what a run that died was removing; returns the archives that it was of. May be called twice. @throws TransferFailed */
export async function finishRemovals(folder: string): Promise<readonly string[]> {
  return explained(folder, async () => {
    const archives = (await namesIn(folder)).flatMap((name) => {
      const archive = /^\.(.+)\.removed$/.exec(name)?.[1] ?? '';
      return parseSnapshotName(nameOf(archive) ?? '') ? [archive] : [];
    });
    for (const archive of archives) await finishRemoval(folder, archive);
    return archives;
  });
}

/** A dry run may come before the first backup. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

const DIGEST_END = '.sha256';

function removedName(archive: string): string {
  return `.${archive}.removed`;
}

async function finishRemoval(folder: string, archive: string): Promise<void> {
  for (const name of [`${archive}${DIGEST_END}`, `${archive}${RECEIPT_END}`, removedName(archive)])
    await rm(join(folder, name), {force: true});
}

/** Of the snapshot that is in it; undefined when it is no archive. */
function nameOf(archive: string): string | undefined {
  const end = ARCHIVE_ENDS.find((one) => archive.endsWith(one));
  return end === undefined ? undefined : archive.slice(0, -end.length);
}

interface Proof {
  readonly archive: string;
  readonly name: string;
  readonly host: string;
  readonly judging: Judging;
}

async function unproved(folder: string, {archive, name, host, judging}: Proof): Promise<string | undefined> {
  if (!(await lstat(join(folder, archive))).isFile()) return 'it is no file';
  const receipt = parseReceipt(await textOf(join(folder, `${archive}${RECEIPT_END}`)));
  if (!receipt) return `there is no ${archive}${RECEIPT_END} that tells whose it is`;
  if (receipt.archive !== archive || receipt.snapshot !== name)
    return `what lies beside it is of ${receipt.archive}`;
  if (receipt.application !== judging.application) return `it is of ${receipt.application}`;
  if (receipt.host !== host) return `it is of the host ${receipt.host}`;
  const digest = await textOf(join(folder, `${archive}${DIGEST_END}`));
  if (digest !== `${receipt.sha256}  ${archive}\n`) return 'its digest is not beside it';
  return undefined;
}

async function pinOf(folder: string, name: string, names: ReadonlySet<string>): Promise<string | undefined> {
  if (!names.has(`${name}${PIN_END}`)) return undefined;
  const [line = ''] = (await textOf(join(folder, `${name}${PIN_END}`))).split('\n');
  return line.trim();
}

/** Nothing when there is no such file. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function explained<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  return explainedAs(`cannot look after the archives in ${folder} here`, work);
}
