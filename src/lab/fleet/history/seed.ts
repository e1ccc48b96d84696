/** The histories of a lab file become snapshots, with the same ids for the same file. */
import {seededRandom} from '../../random.ts';
import type {Changes} from '../../state/changes.ts';
import type {Instance} from '../../state/entities.ts';
import type {Fleet} from '../schema.ts';
import type {Disk} from './makers.ts';
import {momentsOf} from './moments.ts';
import type {History} from './schema.ts';
import {addSet} from './set.ts';

/** Ids of histories come from a sequence of their own, so that adding one changes no other id. */
const SEED = 0x5eed;

/** Adds the snapshots of the fleet's histories to its instances and volumes; `now` is lab time. */
export function seedHistories(fleet: Fleet, changes: Changes, now: number): void {
  if (fleet.history.length === 0) return;
  const machines = machinesIn(changes);
  const random = seededRandom(fleet.seed + SEED);
  for (const history of fleet.history) {
    const own = chosen(machines, history);
    for (const moment of momentsOf(history, now)) {
      for (const {instance, disks} of own) addSet({instance, disks, moment, history, now, random, changes});
    }
  }
}

interface Machine {
  readonly instance: Instance;
  readonly disks: Disk[];
}

function machinesIn({list}: Changes): Machine[] {
  const machines = new Map<string, Machine>();
  for (const [verb, kind, entity] of list) {
    if (verb === 'put' && kind === 'instance') machines.set(entity.id, {instance: entity, disks: []});
  }
  for (const [verb, kind, entity] of list) {
    if (verb !== 'put' || kind !== 'volume') continue;
    for (const {instanceId, device} of entity.attachments) {
      machines.get(instanceId)?.disks.push({volume: entity, device});
    }
  }
  return [...machines.values()];
}

/** The instances that a history is of. A volume of several instances is backed up with the first of them. */
function chosen(machines: readonly Machine[], {instances, regions}: History): Machine[] {
  const own: Machine[] = [];
  const seen = new Set<string>();
  for (const {instance, disks} of machines) {
    if (regions && !regions.includes(instance.region)) continue;
    if (instances && !instances.includes(instance.tags['Name'] ?? '')) continue;
    const unseen = disks.filter(({volume}) => !seen.has(volume.id));
    for (const {volume} of unseen) seen.add(volume.id);
    if (unseen.length > 0) own.push({instance, disks: unseen});
  }
  return own;
}
