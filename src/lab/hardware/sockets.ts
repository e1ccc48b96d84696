/** Which instance uses which volume's device; several may use the same one (Multi-Attach). */
import type {BlockDevice, Disks} from './disks/disks.ts';

/** A device is there from the first instance that plugs a volume in until the last that takes it out. */
export class Sockets {
  readonly #disks: Disks;
  readonly #users = new Map<string, Set<string>>();

  constructor(disks: Disks) {
    this.#disks = disks;
  }

  /** May be called twice. */
  async plug(volumeId: string, instanceId: string): Promise<BlockDevice> {
    const device = await this.#disks.attach(volumeId);
    const users = this.#users.get(volumeId) ?? new Set();
    this.#users.set(volumeId, users.add(instanceId));
    return device;
  }

  /** Resolves when the device is gone or another instance still needs it; without force that may take forever. */
  async unplug(volumeId: string, instanceId: string, options: {readonly force: boolean}): Promise<void> {
    const users = this.#users.get(volumeId);
    users?.delete(instanceId);
    if (users && users.size > 0) return;
    this.#users.delete(volumeId);
    await this.#disks.detach(volumeId, options);
  }

  /** Takes out all that an instance has plugged in; nothing of it may be in use any more. */
  async unplugAll(instanceId: string): Promise<void> {
    const own = [...this.#users].filter(([, users]) => users.has(instanceId));
    await Promise.all(own.map(([volumeId]) => this.unplug(volumeId, instanceId, {force: false})));
  }
}
