/** The `/dev` of an instance: prepared outside of it, so that disks come and go while it runs. */
import {existsSync} from 'node:fs';
import {chown, mkdir, rm, symlink} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {run} from '../run.ts';
import {type DeviceName, deviceName} from './device-name.ts';
import type {MachineDisk} from './machine-spec.ts';

const DISK_GROUP = 6;
const CHARACTER_DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['ptmx', 'pts/ptmx'],
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
];

/** Makes the `/dev` of an instance without disks, for others to be copied from. */
export async function makeDeviceFolder(folder: string): Promise<void> {
  await Promise.all(
    ['pts', 'shm', 'mapper', 'disk/by-id'].map((name) => mkdir(join(folder, name), {recursive: true})),
  );
  await Promise.all(LINKS.map(([name, target]) => symlink(target, join(folder, name))));
  await copyNodes(CHARACTER_DEVICES, folder);
  // Only where the kernel has a device mapper.
  if (existsSync('/dev/mapper/control')) await copyNodes(['mapper/control'], join(folder, 'mapper'));
}

/** One instance's `/dev`, with the disks in it. */
export class DeviceFolder {
  readonly #path: string;
  readonly #instanceType: string;
  readonly #disks = new Map<string, {readonly disk: MachineDisk; readonly name: DeviceName}>();

  constructor(path: string, instanceType: string) {
    this.#path = path;
    this.#instanceType = instanceType;
  }

  /** The devices of this machine that are disks in it. */
  get devices(): readonly string[] {
    return [...this.#disks.values()].map(({disk}) => disk.device.path);
  }

  async copyFrom(folder: string): Promise<void> {
    await run(['cp', '-a', folder, this.#path]);
  }

  /** Names the disk as the next one of the instance and makes its node; returns that name. */
  async add(disk: MachineDisk): Promise<DeviceName> {
    const {volumeId, device} = disk;
    const taken = [...this.#disks.values()].map(({name}) => name);
    const name = deviceName(this.#instanceType, disk, taken);
    this.#disks.set(volumeId, {disk, name});
    const node = join(this.#path, name.node);
    await run(['mknod', '-m', '660', node, 'b', String(device.major), String(device.minor)]);
    await chown(node, 0, DISK_GROUP);
    if (name.link) await symlink(relative(dirname(name.link), name.node), join(this.#path, name.link));
    return name;
  }

  /** Takes the names of a disk away; what has it open keeps it. May be called twice. */
  async remove(volumeId: string): Promise<void> {
    const name = this.#disks.get(volumeId)?.name;
    if (!name) return;
    this.#disks.delete(volumeId);
    await Promise.all(namesIn(name).map((path) => rm(join(this.#path, path), {force: true})));
  }
}

function namesIn({node, link}: DeviceName): string[] {
  return link ? [node, link] : [node];
}

async function copyNodes(names: readonly string[], folder: string): Promise<void> {
  await run(['cp', '-a', ...names.map((name) => join('/dev', name)), folder]);
}
