/** EBS volumes of many instances at once. */
import type {Ec2} from './client.ts';
import {pages} from './client.ts';
import type {InstanceId, Region, VolumeId} from './ids.ts';
import {type Tags, tagsOf} from './tags.ts';

export interface Volume {
  readonly id: VolumeId;
  readonly sizeGiB: number;
  readonly tags: Tags;
}

/** Values that one filter takes. */
const FILTER_VALUES = 200;

/** The volumes attached to these instances, by id. */
export async function volumesOf(
  ec2: Ec2,
  region: Region,
  instances: readonly InstanceId[],
  signal?: AbortSignal,
): Promise<Map<VolumeId, Volume>> {
  const volumes = new Map<VolumeId, Volume>();
  for (let from = 0; from < instances.length; from += FILTER_VALUES) {
    const Values = instances.slice(from, from + FILTER_VALUES);
    const Filters = [{Name: 'attachment.instance-id', Values}];
    for await (const page of pages(ec2, region, 'DescribeVolumes', {Filters}, signal)) {
      for (const raw of page.Volumes ?? []) {
        const id = raw.VolumeId as VolumeId;
        volumes.set(id, {id, sizeGiB: raw.Size ?? 0, tags: tagsOf(raw.Tags)});
      }
    }
  }
  return volumes;
}
