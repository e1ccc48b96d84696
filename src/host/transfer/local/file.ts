/** A file on this machine that is written under a temporary name and gets its own when it is complete. */
import {randomBytes} from 'node:crypto';
import {type FileHandle, mkdir, open, realpath, rename, rm, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {TransferFailed} from '../../failures.ts';
import {explained} from '../reason.ts';

/** Small pieces are written together. */
const WRITE_BYTES = 1024 * 1024;

export class LocalFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** Makes the temporary file; a link at `target` is followed. @throws TransferFailed */
  static async create(target: string, {parents = false} = {}): Promise<LocalFile> {
    return explained(target, async () => {
      const path = await realpath(target).catch(() => target);
      const found = await stat(path).catch(() => undefined);
      if (found && !found.isFile()) throw new TransferFailed(`cannot write ${path}: it is not a plain file`);
      const folder = dirname(path);
      if (parents) await mkdir(folder, {recursive: true});
      const temporary = join(folder, `.ftask-${randomBytes(8).toString('hex')}`);
      return new LocalFile(path, temporary, await open(temporary, 'wx', 0o600));
    });
  }

  /** Writes all of the content; a piece is on its way to the disk while the next one comes in. @throws TransferFailed */
  async write(content: AsyncIterable<Buffer>): Promise<void> {
    let writing: Promise<unknown> = Promise.resolve();
    let held: Buffer[] = [];
    let bytes = 0;
    for await (const data of content) {
      held.push(data);
      bytes += data.length;
      if (bytes < WRITE_BYTES) continue;
      await writing;
      writing = this.#append(held);
      // Its failure is thrown by the wait for it.
      writing.catch(() => {});
      held = [];
      bytes = 0;
    }
    await writing;
    if (bytes > 0) await this.#append(held);
  }

  /** Gives it its mode and its name, on the disk. @throws TransferFailed */
  async keep(mode = 0o600): Promise<void> {
    await explained(this.path, async () => {
      await this.#handle.chmod(mode);
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.path);
      await syncFolder(dirname(this.path));
    });
  }

  async #append(pieces: Buffer[]): Promise<void> {
    await explained(this.path, async () => {
      const wanted = pieces.reduce((sum, {length}) => sum + length, 0);
      const {bytesWritten} = await this.#handle.writev(pieces);
      // A full disk takes a part first, and then refuses the rest.
      if (bytesWritten < wanted) await this.#handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
    });
  }

  /** Removes the temporary file; nothing is left to do after `keep`. May be called twice. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporary, {force: true});
  }
}

/** Puts names in a folder on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
