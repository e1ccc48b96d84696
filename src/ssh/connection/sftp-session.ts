/** One SFTP session, with promises: what is under way fails as soon as the connection is dead. */
import type {SFTPWrapper, Stats} from 'ssh2';
import type {FtaskError} from '../../errors.ts';
import {ConnectionLost, TransferFailed} from '../../host/failures.ts';
import type {Life} from './life.ts';

/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, 7). */
const NO_SUCH_FILE = 2;

type Done<T> = (error: Error | null | undefined, value?: T) => void;

export class SftpSession {
  /** Settles when the session is over. */
  readonly ended: Promise<void>;
  readonly #raw: SFTPWrapper;
  readonly #place: string;
  #over: FtaskError | undefined;
  readonly #waiting = new Set<(error: FtaskError) => void>();

  constructor(raw: SFTPWrapper, place: string, life: Life) {
    this.#raw = raw;
    this.#place = place;
    this.ended = new Promise((resolve) => {
      const end = (error: FtaskError) => {
        this.#over ??= error;
        for (const fail of this.#waiting) fail(this.#over);
        resolve();
      };
      const forget = life.onLost(end);
      raw.once('close', () => {
        forget();
        end(new ConnectionLost(`${place}: the server ended its file service`));
      });
      raw.on('error', () => {});
    });
  }

  /** It takes no more requests. */
  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** Opens a file; `wx` makes one that must not be there. */
  open(path: string, flags: 'r' | 'wx', mode?: number): Promise<Buffer> {
    return this.#ask<Buffer>(path, (sftp, done) =>
      sftp.open(path, flags, {...(mode !== undefined && {mode})}, done),
    );
  }

  /** The bytes at `position`, fewer than `length` at times, none at the end. */
  read(path: string, handle: Buffer, position: number, length: number): Promise<Buffer> {
    return this.#ask<Buffer>(path, (sftp, done) =>
      sftp.read(handle, Buffer.allocUnsafe(length), 0, length, position, (error, _count, data) =>
        done(error, data),
      ),
    );
  }

  async write(path: string, handle: Buffer, position: number, data: Buffer): Promise<void> {
    await this.#ask(path, (sftp, done) => sftp.write(handle, data, 0, data.length, position, done));
  }

  /** Sets the mode whatever the umask of the server is. */
  async setMode(path: string, handle: Buffer, mode: number): Promise<void> {
    await this.#ask(path, (sftp, done) => sftp.fsetstat(handle, {mode}, done));
  }

  /** Makes the file survive a power cut, where the server can (fsync@openssh.com). */
  async sync(path: string, handle: Buffer): Promise<void> {
    if (!this.#has('fsync@openssh.com')) return;
    await this.#ask(path, (sftp, done) => sftp.ext_openssh_fsync(handle, done));
  }

  async close(path: string, handle: Buffer): Promise<void> {
    await this.#ask(path, (sftp, done) => sftp.close(handle, done));
  }

  async stat(path: string): Promise<Stats | undefined> {
    try {
      return await this.#ask<Stats>(path, (sftp, done) => sftp.stat(path, done));
    } catch (error) {
      if (codeOf(error) === NO_SUCH_FILE) return undefined;
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.#has('posix-rename@openssh.com')) {
      await this.#ask(from, (sftp, done) => sftp.ext_openssh_rename(from, to, done));
      return;
    }
    // The plain rename of the protocol refuses a target that is there.
    if (await this.stat(to)) await this.remove(to);
    await this.#ask(from, (sftp, done) => sftp.rename(from, to, done));
  }

  async remove(path: string): Promise<void> {
    await this.#ask(path, (sftp, done) => sftp.unlink(path, done));
  }

  async makeFolder(path: string): Promise<void> {
    await this.#ask(path, (sftp, done) => sftp.mkdir(path, done));
  }

  #has(extension: string): boolean {
    const {_extensions} = this.#raw as unknown as {_extensions: Record<string, string>};
    return _extensions[extension] === '1';
  }

  #ask<T>(path: string, start: (sftp: SFTPWrapper, done: Done<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      this.#waiting.add(reject);
      start(this.#raw, (error, value) => {
        this.#waiting.delete(reject);
        if (error) reject(this.#failure(path, error));
        else resolve(value as T);
      });
    });
  }

  #failure(path: string, error: Error): FtaskError {
    return new TransferFailed(`${this.#place}: ${path}: ${error.message}`, {cause: error});
  }
}

function codeOf(error: unknown): number | undefined {
  return ((error as Error).cause as {code?: number} | undefined)?.code;
}
