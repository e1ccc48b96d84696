/** EBS volumes of many instances at once. */
import {type Ec2, pages} from './client.ts';
import type {InstanceId, Region, VolumeId} from './ids.ts';
import {type Tags, tagsOf} from './tags.ts';

export interface Volume {
  readonly id: VolumeId;
  readonly sizeGiB: number;
  readonly tags: Tags;
  /** Where it is attached: to several instances with Multi-Attach. */
  readonly attachedTo: readonly InstanceId[];
}

/** The volumes attached to these instances, by id. At most 200 instances: as many as one filter takes. */
export async function volumesOf(
  ec2: Ec2,
  region: Region,
  instances: readonly InstanceId[],
  signal?: AbortSignal,
): Promise<Map<VolumeId, Volume>> {
  const volumes = new Map<VolumeId, Volume>();
  if (instances.length === 0) return volumes;
  const Filters = [{Name: 'attachment.instance-id', Values: [...instances]}];
  for await (const page of pages(ec2, region, 'DescribeVolumes', {Filters}, signal)) {
    for (const raw of page.Volumes ?? []) {
      const id = raw.VolumeId as VolumeId;
      const attachedTo = (raw.Attachments ?? []).map(({InstanceId}) => InstanceId as InstanceId);
      volumes.set(id, {id, sizeGiB: raw.Size ?? 0, tags: tagsOf(raw.Tags), attachedTo});
    }
  }
  return volumes;
}
