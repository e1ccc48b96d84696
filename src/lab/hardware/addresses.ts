/** Which address a new instance gets. */
import {FtaskError} from '../../errors.ts';
import {stateAt} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import type {World} from '../world.ts';
import type {Network} from './network/network.ts';

/** Addresses belong to instances, also while those are stopped, until they are terminated. */
export class Addresses {
  readonly #network: Network;
  readonly #world: World;
  #handedOut: string[] = [];

  constructor(network: Network, world: World) {
    this.#network = network;
    this.#world = world;
  }

  /** @throws ApiError InsufficientFreeAddressesInSubnet */
  next(): string {
    const taken = this.#taken();
    for (;;) {
      const address = this.#nextOfNetwork();
      this.#handedOut.push(address);
      if (!taken.has(address)) return address;
    }
  }

  /** Gives back what a request that failed, or was tried only, has got. */
  async releaseUnused(): Promise<void> {
    if (this.#handedOut.length === 0) return;
    const taken = this.#taken();
    const unused = this.#handedOut.filter((address) => !taken.has(address));
    this.#handedOut = [];
    for (const address of unused) await this.#network.leave(address);
  }

  #nextOfNetwork(): string {
    try {
      return this.#network.nextAddress();
    } catch (error) {
      if (!(error instanceof FtaskError)) throw error;
      throw new ApiError('InsufficientFreeAddressesInSubnet', error.message);
    }
  }

  #taken(): Set<string> {
    const {fleet, store, clock} = this.#world;
    const now = clock.now();
    const instances = Object.keys(fleet.regions).flatMap((region) => [...store.all('instance', region)]);
    const live = instances.filter(({state}) => stateAt(state, now) !== 'terminated');
    return new Set(live.map(({privateIp}) => privateIp));
  }
}
