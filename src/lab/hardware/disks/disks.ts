/** The disks of a lab: volumes as loop devices on files of one btrfs, whose snapshots are of one instant. */
import {constants, existsSync} from 'node:fs';
import {copyFile, mkdir, open, readdir, rename, rm, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import {run} from '../run.ts';
import {type BlockDevice, type LoopDevice, loopDevice} from './loop-device.ts';

export type {BlockDevice} from './loop-device.ts';

/** The volumes and snapshots of a lab, by their ids. What is not there is deleted already. */
export interface Disks {
  /** An empty disk, or one with the blocks of a snapshot. May be called twice. */
  createVolume(volumeId: string, bytes: number, fromSnapshot?: string): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  /** Writes a filesystem on a volume that is not attached. */
  format(volumeId: string, filesystem: 'ext4' | 'xfs', label?: string): Promise<void>;
  /** The blocks of all these volumes at one instant. */
  snapshot(members: readonly {readonly snapshotId: string; readonly volumeId: string}[]): Promise<void>;
  copySnapshot(from: string, to: string): Promise<void>;
  /** Takes a file as the blocks of a snapshot. */
  importSnapshot(snapshotId: string, file: string): Promise<void>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** The same device when it is attached already. */
  attach(volumeId: string): Promise<BlockDevice>;
  /** Resolves when the device is gone; without force that is when its last mount is gone. */
  detach(volumeId: string, options: {readonly force: boolean}): Promise<void>;
  has(kind: 'volume' | 'snapshot', id: string): boolean;
  /** All devices go, by force where they must, and the store is unmounted. May be called twice. */
  close(): Promise<void>;
}

const GIB = 2 ** 30;

/** Opens the store in a folder, or makes it. Its mount is seen in this process's mount namespace. */
export async function openDisks(folder: string, {storeGiB}: {readonly storeGiB: number}): Promise<Disks> {
  const store = join(folder, 'store');
  const image = join(folder, 'store.img');
  await mkdir(store, {recursive: true});
  if (!existsSync(image)) await makeStore(image, storeGiB * GIB);
  const base = await loopDevice(image);
  try {
    // Nothing here has to survive a power cut.
    await run(['mount', '-t', 'btrfs', '-o', 'nobarrier,noatime', base.path, store]);
  } finally {
    await base.release();
  }
  await tidy(store);
  return new StoredDisks(store, base);
}

async function makeStore(image: string, bytes: number): Promise<void> {
  const draft = `${image}.new`;
  await rm(draft, {force: true});
  await (await open(draft, 'w')).close();
  await truncate(draft, bytes);
  await run(['mkfs.btrfs', '--quiet', '--metadata', 'single', draft]);
  await rename(draft, image);
}

/** Makes what a new store lacks, and removes what a killed process left half done. */
async function tidy(store: string): Promise<void> {
  if (!existsSync(join(store, 'live'))) await run(['btrfs', 'subvolume', 'create', join(store, 'live')]);
  await mkdir(join(store, 'snapshots'), {recursive: true});
  for (const name of await readdir(store)) {
    if (name.startsWith('instant-')) await run(['btrfs', 'subvolume', 'delete', join(store, name)]);
  }
  for (const folder of ['live', 'snapshots']) {
    for (const name of await readdir(join(store, folder))) {
      if (name.endsWith('.part')) await rm(join(store, folder, name));
    }
  }
}

class StoredDisks implements Disks {
  readonly #store: string;
  readonly #base: LoopDevice;
  readonly #attached = new Map<string, Promise<LoopDevice>>();
  #instants = 0;
  #cleaning: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(store: string, base: LoopDevice) {
    this.#store = store;
    this.#base = base;
  }

  async createVolume(volumeId: string, bytes: number, fromSnapshot?: string): Promise<void> {
    if (this.has('volume', volumeId)) return;
    const path = this.#volume(volumeId);
    const draft = `${path}.part`;
    if (fromSnapshot === undefined) await (await open(draft, 'w')).close();
    else await clone(this.#snapshot(fromSnapshot), draft);
    await truncate(draft, bytes);
    await rename(draft, path);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await rm(this.#volume(volumeId), {force: true});
  }

  async format(volumeId: string, filesystem: 'ext4' | 'xfs', label?: string): Promise<void> {
    const force = filesystem === 'ext4' ? '-F' : '-f';
    const named = label === undefined ? [] : ['-L', label];
    await run([`mkfs.${filesystem}`, '-q', force, ...named, this.#volume(volumeId)]);
  }

  async snapshot(
    members: readonly {readonly snapshotId: string; readonly volumeId: string}[],
  ): Promise<void> {
    this.#instants += 1;
    const instant = join(this.#store, `instant-${this.#instants}`);
    await run(['btrfs', 'subvolume', 'snapshot', join(this.#store, 'live'), instant]);
    try {
      for (const {snapshotId, volumeId} of members) {
        await clone(join(instant, volumeId), this.#snapshot(snapshotId));
      }
    } finally {
      this.#cleaning = this.#cleaning
        .then(() => run(['btrfs', 'subvolume', 'delete', instant]))
        // What stays is removed when the store is opened again.
        .catch(() => {});
    }
  }

  async copySnapshot(from: string, to: string): Promise<void> {
    await clone(this.#snapshot(from), this.#snapshot(to));
  }

  async importSnapshot(snapshotId: string, file: string): Promise<void> {
    const path = this.#snapshot(snapshotId);
    await run(['cp', '--sparse=always', file, `${path}.part`]);
    await rename(`${path}.part`, path);
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await rm(this.#snapshot(snapshotId), {force: true});
  }

  attach(volumeId: string): Promise<BlockDevice> {
    const attached = this.#attached.get(volumeId) ?? loopDevice(this.#volume(volumeId));
    this.#attached.set(volumeId, attached);
    attached.catch(() => this.#attached.delete(volumeId));
    return attached;
  }

  async detach(volumeId: string, {force}: {readonly force: boolean}): Promise<void> {
    const device = await this.#attached.get(volumeId);
    if (!device) return;
    if (force) await this.#kill(volumeId, device);
    await device.release();
    if (!force) await device.gone();
    this.#attached.delete(volumeId);
  }

  has(kind: 'volume' | 'snapshot', id: string): boolean {
    return existsSync(kind === 'volume' ? this.#volume(id) : this.#snapshot(id));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const volumeId of [...this.#attached.keys()]) await this.detach(volumeId, {force: true});
    await this.#cleaning;
    await run(['umount', this.#store]);
    await this.#base.gone();
  }

  /** Whoever still has it mounted gets errors: the disk shrinks to nothing, and its blocks live on in another file. */
  async #kill(volumeId: string, device: LoopDevice): Promise<void> {
    const path = this.#volume(volumeId);
    await clone(path, `${path}.part`);
    await truncate(path, 0);
    await run(['losetup', '--set-capacity', device.path]);
    await rename(`${path}.part`, path);
  }

  #volume(id: string): string {
    return join(this.#store, 'live', id);
  }

  #snapshot(id: string): string {
    return join(this.#store, 'snapshots', id);
  }
}

function clone(from: string, to: string): Promise<void> {
  return copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
}
