/** The disks of a lab: volumes as loop devices on files of one btrfs, whose snapshots are of one instant. */
import {existsSync} from 'node:fs';
import {open, readdir, rename, rm, truncate} from 'node:fs/promises';
import {join} from 'node:path';
import {run} from '../run.ts';
import {deviceName} from './device-name.ts';
import {clone, DRAFT, Instants} from './instants.ts';
import {type BlockDevice, type LoopDevice, loopDevice} from './loop-device.ts';
import {openStore, type Store} from './store.ts';
import {sweepDisks} from './sweep.ts';

export type {BlockDevice} from './loop-device.ts';

/** Of bytes. */
export interface Part {
  readonly position: number;
  readonly length: number;
}

/** The volumes and snapshots of a lab, by their ids. What is not there is deleted already. */
export interface Disks {
  /** An empty disk, or one with the blocks of a snapshot. May be called twice. */
  createVolume(volumeId: string, bytes: number, fromSnapshot?: string): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  /** Writes a filesystem on a volume that is not attached. */
  format(volumeId: string, filesystem: 'ext4' | 'xfs', label?: string): Promise<void>;
  /** The blocks of all these volumes at one instant between the call and its end. */
  snapshot(members: readonly {readonly snapshotId: string; readonly volumeId: string}[]): Promise<void>;
  copySnapshot(from: string, to: string): Promise<void>;
  /** Takes a file as the blocks of a snapshot. */
  importSnapshot(snapshotId: string, file: string): Promise<void>;
  /** Some of its bytes; what is beyond its end is zeros. */
  readSnapshot(snapshotId: string, part: Part): Promise<Buffer>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** The same device when it is attached already. One that is being detached is waited for. */
  attach(volumeId: string): Promise<BlockDevice>;
  /**
   * Resolves when the device is gone; without force that is when its last mount is gone. With force whoever has it
   * mounted gets I/O errors; what was written until then is on the volume. May be forced while it waits.
   */
  detach(volumeId: string, options: {readonly force: boolean}): Promise<void>;
  has(kind: 'volume' | 'snapshot', id: string): boolean;
  /**
   * All devices go, by force where they must, and the store is unmounted. May be called twice.
   * @throws FtaskError DisksInUse while somebody still has one mounted
   */
  close(): Promise<void>;
}

/**
 * Opens the disks of a folder, or makes the first. What an earlier process left is cleared up: devices, and what was
 * half made. The store's mount is seen in this process's mount namespace.
 */
export async function openDisks(folder: string, {storeGiB}: {readonly storeGiB: number}): Promise<Disks> {
  await sweepDisks(folder);
  const store = await openStore(folder, storeGiB);
  try {
    const live = join(store.path, 'live');
    if (!existsSync(live)) await run(['btrfs', '--quiet', 'subvolume', 'create', live]);
    const instants = await Instants.open(store.path);
    for (const path of [live, join(store.path, 'snapshots')]) await removeDrafts(path);
    return new StoredDisks(folder, store, instants);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function removeDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.endsWith(DRAFT));
  for (const name of drafts) await rm(join(folder, name));
}

interface Attachment {
  readonly device: Promise<LoopDevice>;
  /** Resolves when it is detached; there once that was asked for. */
  leaving?: Promise<void>;
}

class StoredDisks implements Disks {
  readonly #folder: string;
  readonly #store: Store;
  readonly #instants: Instants;
  readonly #attached = new Map<string, Attachment>();
  #closing: Promise<void> | undefined;

  constructor(folder: string, store: Store, instants: Instants) {
    this.#folder = folder;
    this.#store = store;
    this.#instants = instants;
  }

  async createVolume(volumeId: string, bytes: number, fromSnapshot?: string): Promise<void> {
    const path = this.#volume(volumeId);
    if (existsSync(path)) return;
    const draft = path + DRAFT;
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
    await this.#instants.take(members.map(({snapshotId, volumeId}) => ({file: volumeId, name: snapshotId})));
  }

  async copySnapshot(from: string, to: string): Promise<void> {
    await clone(this.#snapshot(from), this.#snapshot(to));
  }

  async importSnapshot(snapshotId: string, file: string): Promise<void> {
    const draft = this.#snapshot(snapshotId) + DRAFT;
    await run(['cp', '--sparse=always', file, draft]);
    await rename(draft, this.#snapshot(snapshotId));
  }

  async readSnapshot(snapshotId: string, {position, length}: Part): Promise<Buffer> {
    const file = await open(this.#snapshot(snapshotId));
    try {
      const bytes = Buffer.alloc(length);
      await file.read(bytes, 0, length, position);
      return bytes;
    } finally {
      await file.close();
    }
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#instants.settled();
    await rm(this.#snapshot(snapshotId), {force: true});
  }

  async attach(volumeId: string): Promise<BlockDevice> {
    const attached = this.#attached.get(volumeId);
    if (attached?.leaving) {
      await attached.leaving;
      return this.attach(volumeId);
    }
    if (attached) return attached.device;
    const device = loopDevice(this.#volume(volumeId), deviceName(this.#folder, volumeId));
    this.#attached.set(volumeId, {device});
    device.catch(() => this.#attached.delete(volumeId));
    return device;
  }

  async detach(volumeId: string, {force}: {readonly force: boolean}): Promise<void> {
    const attached = this.#attached.get(volumeId);
    if (!attached) return;
    const {device} = attached;
    attached.leaving ??= device.then((loop) => this.#leave(volumeId, loop, force));
    if (force) await (await device).cut();
    await attached.leaving;
  }

  has(kind: 'volume' | 'snapshot', id: string): boolean {
    return existsSync(kind === 'volume' ? this.#volume(id) : this.#snapshot(id));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #leave(volumeId: string, device: LoopDevice, force: boolean): Promise<void> {
    if (!force) await device.release();
    await device.gone();
    this.#attached.delete(volumeId);
  }

  async #close(): Promise<void> {
    const devices = await Promise.all([...this.#attached.values()].map(({device}) => device));
    for (const device of devices) {
      await device.release();
      if (await device.isThere()) await device.cut();
    }
    await this.#instants.settled();
    await this.#store.close();
  }

  #volume(id: string): string {
    return join(this.#store.path, 'live', id);
  }

  #snapshot(id: string): string {
    return join(this.#store.path, 'snapshots', id);
  }
}
