/** What a volume's disk is called inside an instance, which is not what the API calls it. Pure. */
import {basename} from 'node:path';

/** A disk under `/dev`: its node, and the link to it that udev would make, both relative to `/dev`. */
export interface DeviceName {
  readonly node: string;
  readonly link?: string;
}

/** A volume as the API names it. */
export interface ApiName {
  readonly volumeId: string;
  /** `/dev/sdf` */
  readonly name: string;
}

// https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html: all others are built on Nitro.
const XEN_FAMILIES = new Set(
  't1 t2 m1 m2 m3 m4 c1 c3 c4 r3 r4 x1 x1e i2 i3 d2 h1 g2 g3 g3s p2 p3 f1'.split(' '),
);

/**
 * Names the disk of an instance of this type that has the disks named `taken` already. On Nitro disks are numbered
 * as they come, and the volume's id is the serial number; on Xen the driver says `xvd` for what the API calls `sd`.
 */
export function deviceName(instanceType: string, volume: ApiName, taken: readonly DeviceName[]): DeviceName {
  const [family = ''] = instanceType.split('.');
  if (XEN_FAMILIES.has(family)) {
    return {node: basename(volume.name).replace(/^sd/, 'xvd')};
  }
  const nodes = new Set(taken.map(({node}) => node));
  let number = 0;
  while (nodes.has(`nvme${number}n1`)) number += 1;
  const serial = volume.volumeId.replace('-', '');
  return {node: `nvme${number}n1`, link: `disk/by-id/nvme-Amazon_Elastic_Block_Store_${serial}`};
}
