/** The instances of a lab as a person wants to see them. */
import {stateAt} from './state/entities.ts';
import {disksOf} from './storage/attachment.ts';
import type {World} from './world.ts';

export interface InventoryItem {
  readonly id: string;
  /** Its Name tag. */
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly address: string;
  /** The root volume first. */
  readonly volumes: readonly {readonly id: string; readonly device: string; readonly sizeGiB: number}[];
}

/** All instances that are not terminated, by region. */
export function inventory({fleet, store, clock}: World): InventoryItem[] {
  const now = clock.now();
  return Object.keys(fleet.regions)
    .flatMap((region) => [...store.all('instance', region)])
    .map((instance) => ({
      id: instance.id,
      name: instance.tags['Name'] ?? '',
      region: instance.region,
      state: stateAt(instance.state, now),
      address: instance.privateIp,
      volumes: disksOf(instance, store, now).map(({volume: {id, sizeGiB}, attachment: {device}}) => ({
        id,
        device,
        sizeGiB,
      })),
    }))
    .filter(({state}) => state !== 'terminated');
}
