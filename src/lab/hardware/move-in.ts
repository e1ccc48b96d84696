/** What entities need to be more than entities: addresses that exist, and a key that opens them. */
import {UsageError} from '../../errors.ts';
import {importedKey} from '../account/key-pairs.ts';
import {newId} from '../random.ts';
import {Changes} from '../state/changes.ts';
import {type Instance, type Kind, stateAt, type Tables} from '../state/entities.ts';
import type {World} from '../world.ts';

const MAX_INSTANCES = 250;
/** The key pair that the instances of the lab file are launched with. */
const KEY_NAME = 'lab';

/** All of a kind, in all regions. */
export function allOf<K extends Kind>(kind: K, {fleet, store}: World): Tables[K][] {
  return Object.keys(fleet.regions).flatMap((region) => [...store.all(kind, region)]);
}

/** The instances that are on, or are about to be. */
export function shouldRun(world: World): Instance[] {
  return allOf('instance', world).filter(({state}) => state.after === 'running');
}

/** @throws UsageError LabTooLarge */
export function checkSize(world: World): void {
  const count = live(world).length;
  if (count <= MAX_INSTANCES) return;
  throw new UsageError(
    'LabTooLarge',
    `the lab has ${count} instances; ${MAX_INSTANCES} at most can be started on a machine`,
    {hint: 'choose a smaller fleet with `ftask lab up --file FILE`'},
  );
}

/**
 * Gives every instance an address of this start of the lab, and at the lab's very first start (`firstKey`) the key
 * pair of the lab. What was mounted when the lab went down is mounted no more, so what waited for that is detached.
 */
export function moveIn(world: World, nextAddress: () => string, firstKey: string | undefined): void {
  const changes = new Changes();
  if (firstKey !== undefined) {
    for (const region of Object.keys(world.fleet.regions)) addKeyPair(region, firstKey, world, changes);
  }
  for (const instance of live(world)) {
    const keyName = firstKey === undefined ? instance.keyName : KEY_NAME;
    changes.put('instance', {...instance, privateIp: nextAddress(), keyName});
  }
  for (const volume of allOf('volume', world)) {
    const attachments = volume.attachments.filter(({state}) => state.after !== 'detached');
    if (attachments.length < volume.attachments.length) changes.put('volume', {...volume, attachments});
  }
  world.commit(changes);
}

function live(world: World): Instance[] {
  const now = world.clock.now();
  return allOf('instance', world).filter(({state}) => stateAt(state, now) !== 'terminated');
}

function addKeyPair(region: string, publicKey: string, world: World, changes: Changes): void {
  const now = world.clock.now();
  changes.put('key-pair', {
    id: newId('key', world.random),
    region,
    owner: world.fleet.account,
    tags: {},
    createdAt: now,
    visibleAt: now,
    name: KEY_NAME,
    ...importedKey(publicKey),
  });
}
