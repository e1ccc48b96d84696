/** Where the control sockets of a run lie: a folder of our own that nobody else can enter. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A socket's path holds about 100 bytes, and ssh adds 17 to it while it starts. */
const LONGEST = 60;

export class ControlFolder {
  #folder: Promise<string> | undefined;
  #count = 0;

  /** The folder, made on first use with mode 0700. */
  path(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir().length > LONGEST ? '/tmp' : tmpdir(), 'ftask-ssh-'));
    return this.#folder;
  }

  /** A path for a socket that is not there yet. */
  async nextSocket(): Promise<string> {
    // Counted before anything is waited for: two hosts with one socket would be one host.
    this.#count += 1;
    const name = String(this.#count);
    return join(await this.path(), name);
  }

  /** Removes it with all that is in it. May be called twice. */
  async remove(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, {recursive: true, force: true});
  }
}
