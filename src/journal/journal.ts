/** What happened, one line of JSON a record, in a file that only ever grows. */
import {type FileHandle, mkdir, open} from 'node:fs/promises';
import {dirname} from 'node:path';
import {FtaskError, RefusedError} from '../errors.ts';

/** A file of records. Several processes may write to the same one: each line is whole. */
export interface Journal {
  /**
   * Adds a record, and settles when it is on the disk: what it tells of may be done then, and not before. Records that
   * are added side by side share one write.
   * @throws RefusedError `JournalNotWritable` while nothing was written yet, so that nothing was done either; and from then on
   * @throws FtaskError `JournalNotWritable` later on
   */
  append(record: object): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Opens a journal, for its owner's eyes only if it is new. @throws RefusedError `JournalNotWritable` */
export async function openJournal(file: string): Promise<Journal> {
  const handle = await openFile(file).catch((cause: unknown) => {
    throw new RefusedError(...notWritable(file, cause));
  });
  const waiting: string[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  let hasWritten = false;
  let refusal: RefusedError | undefined;
  let mayBeTorn = true;

  const write = async (): Promise<void> => {
    next = undefined;
    const lines = waiting.splice(0);
    if (refusal) throw refusal;
    try {
      // What a full disk or a power cut has left of a line must not swallow the next one.
      const start = mayBeTorn && (await isTorn(handle)) ? '\n' : '';
      mayBeTorn = true;
      await writeAll(handle, start + lines.join(''));
      mayBeTorn = false;
      hasWritten = true;
    } catch (cause) {
      if (hasWritten) throw new FtaskError(...notWritable(file, cause));
      // Whoever was refused says that nothing was done: that must stay true of the others, too.
      refusal = new RefusedError(...notWritable(file, cause));
      throw refusal;
    }
  };
  return {
    append: (record) => {
      waiting.push(`${JSON.stringify(record)}\n`);
      next ??= last.then(write, write);
      last = next;
      return next;
    },
    close: async () => {
      await last.catch(() => {});
      await handle.close();
    },
  };
}

async function openFile(file: string): Promise<FileHandle> {
  await mkdir(dirname(file), {recursive: true, mode: 0o700});
  const handle = await open(file, 'a+', 0o600);
  // A new file is only there for good once its folder is on the disk, too.
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
  return handle;
}

/** Whether the file ends in the middle of a line. */
async function isTorn(handle: FileHandle): Promise<boolean> {
  const {size} = await handle.stat();
  if (size === 0) return false;
  const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

/** In one write at the end of the file, which no other process's write comes in between of. */
async function writeAll(handle: FileHandle, text: string): Promise<void> {
  const data = Buffer.from(text);
  const {bytesWritten} = await handle.write(data);
  if (bytesWritten < data.length) throw new Error('the disk is full');
  await handle.datasync();
}

function notWritable(file: string, cause: unknown) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return [
    'JournalNotWritable',
    `cannot write to the journal ${file}: ${reason}`,
    {hint: 'journal.file in the configuration names another one.', cause},
  ] as const;
}
