/** Snapshots of many files at one instant, each of which becomes a file of its own. */
import {constants} from 'node:fs';
import {access, copyFile, mkdir, readdir, readlink, rename, rm, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {run} from '../run.ts';

/** A file of the subvolume, and the name that it shall have as a snapshot. */
export interface Member {
  readonly file: string;
  readonly name: string;
}

/** Instants of a subvolume `live`, kept in the folder `snapshots` beside it. */
export class Instants {
  readonly #store: string;
  #count = 0;
  #settling: Promise<void> = Promise.resolve();

  private constructor(store: string) {
    this.#store = store;
  }

  /** Finishes or removes what a process left half done. */
  static async open(store: string): Promise<Instants> {
    const instants = new Instants(store);
    await instants.#tidy();
    return instants;
  }

  /**
   * All of them or none, even when we are killed: their names are links into the instant, and it appears at once. A
   * copy of many pieces takes its time, so that one is made when the caller has its answer.
   */
  async take(members: readonly Member[]): Promise<void> {
    this.#count += 1;
    const instant = `instant-${this.#count}`;
    const live = join(this.#store, 'live');
    const links: string[] = [];
    try {
      for (const {file, name} of members) {
        await access(join(live, file));
        await symlink(join('..', instant, file), this.#path(name));
        links.push(this.#path(name));
      }
      await run([...SUBVOLUME, 'snapshot', '-r', live, join(this.#store, instant)]);
    } catch (error) {
      for (const link of links) await rm(link);
      throw error;
    }
    this.#settling = this.#settling
      .then(() => this.#settle(instant, members))
      // It is good as it is, and settled when the store is opened again.
      .catch(() => {});
  }

  /** Resolves when every snapshot so far is a file of its own. */
  settled(): Promise<void> {
    return this.#settling;
  }

  async #tidy(): Promise<void> {
    await mkdir(this.#path(''), {recursive: true});
    const instants = (await readdir(this.#store)).filter((name) => name.startsWith('instant-'));
    const links = await this.#links();
    for (const instant of instants) {
      await this.#settle(
        instant,
        links.filter((link) => link.instant === instant),
      );
    }
    for (const {instant, name} of links) if (!instants.includes(instant)) await rm(this.#path(name));
  }

  async #links(): Promise<(Member & {readonly instant: string})[]> {
    const entries = await readdir(this.#path(''), {withFileTypes: true});
    const links = entries.filter((entry) => entry.isSymbolicLink());
    return Promise.all(
      links.map(async ({name}) => {
        const [, instant = '', file = ''] = (await readlink(this.#path(name))).split('/');
        return {name, instant, file};
      }),
    );
  }

  async #settle(instant: string, members: readonly Member[]): Promise<void> {
    for (const {file, name} of members) await clone(join(this.#store, instant, file), this.#path(name));
    await run([...SUBVOLUME, 'delete', join(this.#store, instant)]);
  }

  #path(name: string): string {
    return join(this.#store, 'snapshots', name);
  }
}

/** Makes a file that shares the blocks of another; it is there whole or not at all. */
export async function clone(from: string, to: string): Promise<void> {
  const draft = to + DRAFT;
  await copyFile(from, draft, constants.COPYFILE_FICLONE_FORCE);
  await rename(draft, to);
}

/** The end of the names of files that are not complete. */
export const DRAFT = '.part';

const SUBVOLUME = ['btrfs', '--quiet', 'subvolume'] as const;
