/** An archive that arrives on this machine: nobody else can read it, and it has its name when it is complete. */
import {access, type FileHandle, lstat, mkdir, open, readdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {syncFolder} from '../../../host/transfer/local/file.ts';
import {explainedAs} from '../../../host/transfer/reason.ts';
import {partialName} from '../../snapshot/name.ts';
import {RECEIPT_END, type Receipt, receiptText} from '../../snapshot/receipt.ts';

export interface ReceivedFile {
  /** The one that it gets in the end. */
  readonly path: string;
  /** Writes all of it. @throws TransferFailed */
  write(content: AsyncIterable<Buffer>): Promise<void>;
  /** Gives it its name, with files beside it of its digest and of whose it is. @throws TransferFailed */
  keep(receipt: Omit<Receipt, 'archive'>): Promise<void>;
  /** Removes what is not kept. May be called twice. */
  discard(): Promise<void>;
}

/**
 * Makes the file in a folder, which is made if it is missing, and removes what dead runs left there; undefined when there
 * is a file of this name, or another run is about to bring one. @throws TransferFailed
 */
export async function receivedFile(folder: string, name: string): Promise<ReceivedFile | undefined> {
  const path = join(folder, name);
  const partial = join(folder, partialName(name));
  const handle = await explained(path, async () => {
    await mkdir(folder, {recursive: true, mode: 0o700});
    await removeDead(folder);
    return openNew(partial);
  });
  if (!handle) return undefined;
  if (await isThere(path)) {
    await handle.close();
    await rm(partial, {force: true});
    return undefined;
  }
  return {
    path,
    write: (content) => explained(path, () => writeAll(handle, content)),
    keep: (receipt) =>
      explained(path, async () => {
        await handle.sync();
        await handle.close();
        await writeBeside(folder, `${name}.sha256`, `${receipt.sha256}  ${name}\n`);
        await writeBeside(folder, `${name}${RECEIPT_END}`, receiptText({...receipt, archive: name}));
        await rename(partial, path);
        await syncFolder(folder);
      }),
    discard: async () => {
      await handle.close().catch(() => {});
      await rm(partial, {force: true});
    },
  };
}

async function removeDead(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => PARTIAL.test(name));
  for (const path of names.map((name) => join(folder, name))) {
    const {mtimeMs} = await lstat(path).catch(() => ({mtimeMs: Date.now()}));
    if (Date.now() - mtimeMs > DEAD_MS) await rm(path, {force: true});
  }
}

const PARTIAL = /^\..+-\d{8}T\d{6}Z\.tar\.\w+(\.age)?(\.sha256|\.json)?\.partial$/;
/** What nobody wrote to for so long is of a run that was killed, whichever machine it ran on. */
const DEAD_MS = 48 * 3600 * 1000;

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeAll(handle: FileHandle, content: AsyncIterable<Buffer>): Promise<void> {
  for await (const data of content) await handle.writeFile(data);
}

/** Renamed, so that no link that somebody put there is written through. */
async function writeBeside(folder: string, name: string, text: string): Promise<void> {
  const partial = join(folder, partialName(name));
  await rm(partial, {force: true});
  const handle = await open(partial, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, join(folder, name));
}

function explained<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  return explainedAs(`cannot write ${path} here`, work);
}
