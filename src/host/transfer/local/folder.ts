/** A folder on this machine that is filled beside its place and gets there when it is complete. */
import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmod, lstat, mkdir, realpath, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {TransferFailed} from '../../failures.ts';
import {explained} from '../reason.ts';
import {syncFolder} from './file.ts';
import {unpack} from './tar.ts';

const run = promisify(execFile);

export interface LocalFolderOptions {
  readonly parents?: boolean;
  readonly replace?: boolean;
}

export class LocalFolder {
  readonly path: string;
  readonly #work: string;
  readonly #old: string;
  #isStranded = false;

  private constructor(path: string, work: string) {
    this.path = path;
    this.#work = work;
    this.#old = join(work, 'old');
  }

  /** Makes the temporary folder; a link at `target` is followed. @throws TransferFailed, also when `target` may not be replaced */
  static async create(target: string, options: LocalFolderOptions = {}): Promise<LocalFolder> {
    const {parents = false, replace = false} = options;
    const path = await realpath(target).catch(() => target);
    const found = await lstat(path).catch(() => undefined);
    if (found && !found.isDirectory()) throw new TransferFailed(`cannot write ${path}: it is no folder`);
    if (found && !replace) {
      throw new TransferFailed(`the folder ${path} is there already`, {
        hint: 'end the path with / to put it into that folder, or replace it: replace: true (--replace)',
      });
    }
    return explained(path, async () => {
      const folder = dirname(path);
      if (parents) await mkdir(folder, {recursive: true});
      const work = join(folder, `.ftask-${randomBytes(8).toString('hex')}`);
      await mkdir(work, {mode: 0o700});
      await mkdir(join(work, 'new'));
      return new LocalFolder(path, work);
    });
  }

  /** Unpacks a tar stream in it. @throws TransferFailed */
  async write(content: AsyncIterable<Buffer>): Promise<void> {
    await unpack(content, join(this.#work, 'new'), `cannot write ${this.path}`);
  }

  /** Puts it in its place, on the disk; what was there comes back when that fails. @throws TransferFailed */
  async keep(mode: number | undefined): Promise<void> {
    const made = join(this.#work, 'new');
    await explained(this.path, async () => {
      if (mode !== undefined) await chmod(made, mode);
      await run('sync', ['-f', made]).catch(() => run('sync'));
      const hasOld = await rename(this.path, this.#old).then(() => true, isMissing);
      await rename(made, this.path).catch(async (error: unknown) => {
        if (hasOld) await this.#bringBack();
        throw error;
      });
      await syncFolder(dirname(this.path));
    });
  }

  async #bringBack(): Promise<void> {
    this.#isStranded = true;
    await rename(this.#old, this.path).catch((cause: unknown) => {
      throw new TransferFailed(
        `${this.path} was moved aside and could not be moved back: it is ${this.#old}`,
        {
          cause,
        },
      );
    });
    this.#isStranded = false;
  }

  /** Removes all that is temporary, but not an old folder that could not be moved back. May be called twice. */
  async discard(): Promise<void> {
    if (!this.#isStranded) await rm(this.#work, {recursive: true, force: true});
  }
}

function isMissing(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
  throw error;
}
