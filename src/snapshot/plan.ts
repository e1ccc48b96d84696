/** What is to be snapshotted: one set an instance, each volume once. Pure. */
import type {InstanceId, VolumeId} from '../ec2/ids.ts';
import type {Instance} from '../ec2/instances.ts';
import {readTemporary} from '../ec2/scratch/temporary-tag.ts';
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

/** Plans page by page, in the order of the instances. A volume attached to several belongs to the first of them. */
export class Planner {
  readonly #options: PlanOptions;
  readonly #takenBy = new Map<VolumeId, InstanceId>();

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** What to do with an instance; to be asked once for each. */
  plan(instance: Instance, volumes: ReadonlyMap<VolumeId, Volume>): PlannedSet | PlannedSkip {
    const left = instance.volumes.filter(
      ({id, device}) =>
        !this.#takenBy.has(id) &&
        !isExcluded(instance, device, this.#options) &&
        // A copy that somebody looks into for a while, as with mount_snapshot.
        readTemporary(volumes.get(id)?.tags ?? {}) === undefined,
    );
    if (left.length === 0) return {instance, reason: this.#whyNone(instance)};
    const out = instance.volumes.filter((volume) => !left.includes(volume));
    for (const {id} of left) this.#takenBy.set(id, instance.id);
    return {
      instance,
      volumes: left.map(({id, device}) => ({
        ...(volumes.get(id) ?? {id, sizeGiB: 0, tags: {}, attachedTo: []}),
        device,
      })),
      // EC2 refuses the root volume among the excluded data volumes.
      excludeBoot: out.some(({device}) => device === instance.rootDevice),
      excludeVolumes: out.filter(({device}) => device !== instance.rootDevice).map(({id}) => id),
    };
  }

  #whyNone({volumes}: Instance): string {
    if (volumes.length === 0) return 'it has no EBS volume';
    const owner = volumes.map(({id}) => this.#takenBy.get(id)).find((other) => other !== undefined);
    return owner
      ? `its volumes are snapshotted with ${owner}, which shares them`
      : 'all its volumes are excluded';
  }
}

/** The volume that an instance boots from; none when that is not on EBS. */
export function bootVolumeOf({volumes, rootDevice}: Instance): VolumeId | undefined {
  return volumes.find(({device}) => device === rootDevice)?.id;
}

function isExcluded(instance: Instance, device: string, {excludeBoot, excludeDevices}: PlanOptions): boolean {
  return (excludeBoot && device === instance.rootDevice) || excludeDevices.includes(device);
}
