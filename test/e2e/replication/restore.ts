/** A replica as an operator would look into it: a volume made of it in its region, attached and mounted. */
import type {Restored} from './compare.ts';
import {type Filesystem, type Scene, until, viewerIn} from './scene.ts';

export interface RestoredVolume extends Restored {
  /** What blkid says of it: `LABEL`, `TYPE`. */
  readonly filesystem: Readonly<Record<string, string>>;
  /** Takes it away again. */
  remove(): Promise<void>;
}

const DEVICES = {ext4: '/dev/sdf', xfs: '/dev/sdg'};
/** All regions of a lab are one kernel, where the filesystem that it is a replica of is mounted, too. */
const OPTIONS = {ext4: 'ro', xfs: 'ro,nouuid'};

/** Mounts it on the viewer of its region; one of a filesystem at a time. */
export async function restore(
  scene: Scene,
  region: string,
  snapshotId: string,
  filesystem: Filesystem,
): Promise<RestoredVolume> {
  const ec2 = scene.ec2(region);
  const instance = viewerIn(region);
  const Filters = [{Name: 'tag:Name', Values: [instance]}];
  const [viewer] = (await ec2.describeInstances({Filters})).Reservations?.[0]?.Instances ?? [];
  const {AvailabilityZone} = viewer?.Placement ?? {};
  const {VolumeId = ''} = await ec2.createVolume({SnapshotId: snapshotId, AvailabilityZone});
  const isAvailable = async () =>
    (await ec2.describeVolumes({VolumeIds: [VolumeId]}).catch(() => ({Volumes: []}))).Volumes?.[0]?.State ===
    'available';
  await until(`${VolumeId} is available`, isAvailable);
  await ec2.attachVolume({VolumeId, InstanceId: viewer?.InstanceId, Device: DEVICES[filesystem]});
  const device = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VolumeId.replace('-', '')}`;
  const folder = `/mnt/${VolumeId}`;
  const mount = `sudo mount -o ${OPTIONS[filesystem]} ${device} ${folder}`;
  await scene.ssh(instance, `sudo mkdir ${folder} && ${mount}`);
  const told = await scene.ssh(instance, `sudo blkid -p -o export ${device}`);
  return {
    instance,
    folder,
    filesystem: Object.fromEntries(told.split('\n').map((line) => line.split('=', 2))),
    remove: async () => {
      await scene.ssh(instance, `sudo umount ${folder}`);
      await ec2.detachVolume({VolumeId});
      await until(`${VolumeId} is detached`, isAvailable);
      await ec2.deleteVolume({VolumeId});
    },
  };
}
