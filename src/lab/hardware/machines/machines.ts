/** The instances that run in a lab. */
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {FtaskError} from '../../../errors.ts';
import type {Network} from '../network/network.ts';
import {run} from '../run.ts';
import {makeDeviceFolder} from './device-folder.ts';
import {type Machine, startMachine, type Workshop} from './machine.ts';
import type {MachineDisk, MachineSpec} from './machine-spec.ts';

export interface Machines {
  /** Resolves when its sshd listens. @throws FtaskError when it runs already, or does not come up */
  start(spec: MachineSpec): Promise<void>;
  /** Thaws what is frozen in it, shuts it down; resolves when no filesystem of it is left. May be called twice. */
  stop(id: string): Promise<void>;
  /** False also for one that has ended by itself. */
  isRunning(id: string): boolean;
  /** A disk appears in an instance that runs. */
  addDisk(id: string, disk: MachineDisk): Promise<void>;
  /** The names of a disk vanish; a filesystem on it stays mounted. May be called twice. */
  removeDisk(id: string, volumeId: string): Promise<void>;
  /** `ssh-ed25519 AAAA...`, of an instance that runs. */
  hostKey(id: string): Promise<string>;
  /** Stops all. */
  close(): Promise<void>;
}

/**
 * Opens a folder that instances are put together in. It becomes a mount in this process's mount namespace, which
 * should be its own, so that all ends with this process.
 */
export async function openMachines(folder: string, network: Network): Promise<Machines> {
  const workshop = {folder, devices: join(folder, 'devices'), mountPoint: join(folder, 'mnt'), network};
  await mkdir(folder, {recursive: true});
  // Private, so that what instances mount below it is seen nowhere else.
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=0700', 'ftask-lab', folder]);
  await run(['mount', '--make-private', folder]);
  await mkdir(workshop.mountPoint);
  await makeDeviceFolder(workshop.devices);
  return new RunningMachines(workshop);
}

class RunningMachines implements Machines {
  readonly #workshop: Workshop;
  readonly #starting = new Map<string, Promise<Machine>>();
  readonly #started = new Map<string, Machine>();

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  async start(spec: MachineSpec): Promise<void> {
    const {id} = spec;
    if (this.isRunning(id) || this.#starting.has(id)) {
      throw new FtaskError('InstanceRuns', `lab hardware: instance ${id} runs already`);
    }
    const starting = this.#startAnew(spec);
    this.#starting.set(id, starting);
    try {
      this.#started.set(id, await starting);
    } finally {
      this.#starting.delete(id);
    }
  }

  async stop(id: string): Promise<void> {
    await this.#starting.get(id)?.catch(() => {});
    await this.#started.get(id)?.stop();
  }

  isRunning(id: string): boolean {
    return this.#started.get(id)?.isRunning ?? false;
  }

  async addDisk(id: string, disk: MachineDisk): Promise<void> {
    await this.#running(id).addDisk(disk);
  }

  async removeDisk(id: string, volumeId: string): Promise<void> {
    if (this.isRunning(id)) await this.#running(id).removeDisk(volumeId);
  }

  async hostKey(id: string): Promise<string> {
    return this.#running(id).hostKey;
  }

  async close(): Promise<void> {
    const ids = new Set([...this.#starting.keys(), ...this.#started.keys()]);
    await Promise.all([...ids].map((id) => this.stop(id)));
    await run(['umount', this.#workshop.folder]);
  }

  /** What has ended by itself may not be cleared away yet. */
  async #startAnew(spec: MachineSpec): Promise<Machine> {
    await this.#started.get(spec.id)?.stop();
    return startMachine(spec, this.#workshop);
  }

  #running(id: string): Machine {
    const machine = this.#started.get(id);
    if (!machine?.isRunning) throw new FtaskError('InstanceOff', `lab hardware: instance ${id} does not run`);
    return machine;
  }
}
