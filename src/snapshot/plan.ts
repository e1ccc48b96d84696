/** What is to be snapshotted: one set an instance, each volume once. Pure. */
import type {VolumeId} from '../ec2/ids.ts';
import type {Instance} from '../ec2/instances.ts';
import type {Volume} from '../ec2/volumes.ts';

/** The volumes of one instance that one call will snapshot. */
export interface PlannedSet {
  readonly instance: Instance;
  readonly volumes: readonly PlannedVolume[];
  readonly excludeBoot: boolean;
  readonly excludeVolumes: readonly VolumeId[];
}

export interface PlannedVolume extends Volume {
  readonly device: string;
}

export interface PlannedSkip {
  readonly instance: Instance;
  readonly reason: string;
}

export interface PlanOptions {
  readonly excludeBoot: boolean;
  readonly excludeDevices: readonly string[];
}

/** Plans in the order of the instances. A volume attached to several belongs to the first of them. */
export function planSets(
  instances: readonly Instance[],
  volumes: ReadonlyMap<VolumeId, Volume>,
  options: PlanOptions,
): {sets: PlannedSet[]; skips: PlannedSkip[]} {
  const sets: PlannedSet[] = [];
  const skips: PlannedSkip[] = [];
  const taken = new Map<VolumeId, Instance>();
  for (const instance of instances) {
    const left = instance.volumes.filter(
      ({id, device}) => !taken.has(id) && !isExcluded(instance, device, options),
    );
    if (left.length === 0) {
      skips.push({instance, reason: whyNone(instance, taken)});
      continue;
    }
    for (const {id} of left) taken.set(id, instance);
    const out = instance.volumes.filter((volume) => !left.includes(volume));
    sets.push({
      instance,
      volumes: left.map(({id, device}) => ({...(volumes.get(id) ?? {id, sizeGiB: 0, tags: {}}), device})),
      // EC2 refuses the root volume among the excluded data volumes.
      excludeBoot: out.some(({device}) => device === instance.rootDevice),
      excludeVolumes: out.filter(({device}) => device !== instance.rootDevice).map(({id}) => id),
    });
  }
  return {sets, skips};
}

function isExcluded(instance: Instance, device: string, {excludeBoot, excludeDevices}: PlanOptions): boolean {
  return (excludeBoot && device === instance.rootDevice) || excludeDevices.includes(device);
}

function whyNone(instance: Instance, taken: ReadonlyMap<VolumeId, Instance>): string {
  if (instance.volumes.length === 0) return 'it has no EBS volume';
  const owner = instance.volumes.map(({id}) => taken.get(id)).find((other) => other !== undefined);
  if (owner) return `its volumes are snapshotted with ${owner.id}, which shares them`;
  return 'all its volumes are excluded';
}
