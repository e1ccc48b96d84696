/** What an EBS volume is on the host that it is attached to: its device, and all that uses it. */
import {FtaskError} from '../errors.ts';
import type {Host} from '../host/host.ts';
import {deviceNames} from './device-names.ts';
import {type BlockDevice, isDeviceMapper, stackOf} from './survey/block-devices.ts';
import {type MountedFilesystem, mountedOn} from './survey/mounted-filesystems.ts';
import {type Survey, survey} from './survey/survey.ts';

/** A volume with its device name in the API, such as `/dev/sdf`. */
export interface AttachedVolume {
  readonly volumeId: string;
  readonly device: string;
}

export interface VolumeUse {
  readonly volumeId: string;
  /** Path of the whole volume's device on the host. */
  readonly device: string;
  /** Each filesystem once, on the volume itself, on partitions and on what is built on them; by mount point. */
  readonly mounts: readonly MountedFilesystem[];
  /** The host swaps to it. */
  readonly swap: boolean;
  /** The md arrays that it is a member of. */
  readonly raid: readonly string[];
  /** Names of the device-mapper devices above it: LVM, dm-crypt, multipath. */
  readonly holders: readonly string[];
  /** What may write to it though no mount point leads there, in words: to freeze the mounts is then not enough. */
  readonly unreachable: readonly string[];
}

/** A volume has no device on the host that it should be attached to. */
export class DeviceNotFound extends FtaskError {
  constructor(host: string, {volumeId, device}: AttachedVolume, present: readonly string[]) {
    super('DeviceNotFound', `${host}: volume ${volumeId} (${device}) has no device there`, {
      hint: `is it attached to this host? Its disks: ${present.join(', ') || 'none'}`,
    });
  }
}

/** What becomes of no mount: pools and disk groups that write to their devices themselves. */
const WRITES_BY_ITSELF = new Set(['zfs_member', 'oracleasm', 'ceph_bluestore', 'drbd']);

/**
 * One read-only command on the host for all volumes, in their order.
 * @throws DeviceNotFound naming the volume, when a volume has no device there
 */
export async function volumeUses(
  host: Host,
  volumes: readonly AttachedVolume[],
): Promise<readonly VolumeUse[]> {
  const seen = await survey(host);
  return volumes.map((volume) => {
    const device = findDevice(volume, seen);
    if (device) return useOf(volume, device, seen);
    // Those without a node are of others, who share the kernel with this host.
    const own = seen.devices.filter(({number}) => seen.nodes.pathOf(number) !== undefined);
    const present = own.map((one) => seen.pathOf(one)).sort();
    throw new DeviceNotFound(host.name, volume, present);
  });
}

/** By the serial number where there is one, on Nitro; else by the API's name, as kernels have it. */
function findDevice({volumeId, device}: AttachedVolume, {devices, nodes}: Survey): BlockDevice | undefined {
  const serial = volumeId.replace('-', '');
  const link = nodes.numberOf(`/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${serial}`);
  const marked = devices.find((one) => one.serial === serial) ?? devices.find(({number}) => number === link);
  if (marked) return marked;
  // A disk that says to be another volume is not this one, whatever it is called.
  const unmarked = devices.filter((one) => !one.serial?.startsWith('vol'));
  return deviceNames(device)
    .map((path) => nodes.numberOf(path))
    .flatMap((wanted) => unmarked.find(({number}) => number === wanted) ?? [])[0];
}

function useOf({volumeId}: AttachedVolume, device: BlockDevice, seen: Survey): VolumeUse {
  const stack = stackOf(device);
  const {mounts, hidden} = mountedOn(stack, seen);
  const above = stack.slice(1);
  const byThemselves = stack.filter(({content}) => WRITES_BY_ITSELF.has(content ?? ''));
  return {
    volumeId,
    device: seen.pathOf(device),
    mounts,
    swap: stack.some(({number}) => seen.swaps.includes(number)),
    raid: above.filter(isRaid).map(({name}) => name),
    holders: above.filter(isDeviceMapper).map(({name}) => name),
    unreachable: [
      ...byThemselves.map((one) => `${seen.pathOf(one)} is in use as ${one.content}`),
      ...hidden.map(({type, mountPoint}) => `${type} at ${mountPoint} lies beneath another mount`),
    ],
  };
}

function isRaid({kernelName}: BlockDevice): boolean {
  return /^md(\d|_|$)/.test(kernelName);
}
