/** Which device of a volume holds the filesystem that is meant. */
import {FtaskError} from '../../errors.ts';
import type {Host} from '../../host/host.ts';
import {attachedDevice, type Patience} from '../attached-device.ts';
import {type BlockDevice, stackOf} from '../survey/block-devices.ts';
import {type Survey, survey} from '../survey/survey.ts';
import {type AttachedVolume, DeviceNotFound} from '../volume-device.ts';
import {type Content, contentOf} from './content.ts';

export interface FoundFilesystem {
  readonly device: string;
  readonly type: string;
}

/** What lies on the volume itself or on one of its partitions. */
export interface Candidate extends Content {
  readonly device: string;
  /** Undefined for the volume itself. */
  readonly partition?: number;
}

/** What is on a device but is no filesystem. */
const NO_FILESYSTEM = new Set(['swap', 'crypto_LUKS', 'LVM2_member', 'linux_raid_member', 'zfs_member']);
/** Where firmware boots from: https://uefi.org/specs/UEFI/2.10/13_Protocols_Media_Access.html */
const FIRMWARE = 'vfat';

/** Waits for the volume's device and looks what is on it. @throws FtaskError `NoFilesystem`, `SeveralFilesystems`; DeviceNotFound */
export async function findFilesystem(
  host: Host,
  volume: AttachedVolume,
  {partition, ...patience}: Patience & {readonly partition: number | undefined},
): Promise<FoundFilesystem> {
  return chooseFilesystem(volume.volumeId, await candidates(host, volume, patience), partition);
}

/** The partition that is named, else the only filesystem there is, beside what firmware boots from. Pure. @throws FtaskError */
export function chooseFilesystem(
  volumeId: string,
  found: readonly Candidate[],
  partition: number | undefined,
): FoundFilesystem {
  const meant = found.filter((one) => partition === undefined || one.partition === partition);
  const mountable = meant.flatMap(({device, type}) =>
    type === undefined || NO_FILESYSTEM.has(type) ? [] : [{device, type}],
  );
  const usual = mountable.filter(({type}) => type !== FIRMWARE);
  const [only, second] = usual.length > 0 ? usual : mountable;
  if (only && !second) return only;
  const there = found.map(textOf).join(', ') || 'nothing';
  if (only) {
    throw new FtaskError('SeveralFilesystems', `${volumeId} has several filesystems: ${there}`, {
      hint: 'Say which with --partition NUMBER.',
    });
  }
  const where = partition === undefined ? volumeId : `partition ${partition} of ${volumeId}`;
  throw new FtaskError('NoFilesystem', `${where} has no filesystem that can be mounted: there is ${there}`, {
    hint: 'What LUKS, LVM or RAID hold must be opened by hand, on an instance of your own.',
  });
}

async function candidates(host: Host, volume: AttachedVolume, patience: Patience): Promise<Candidate[]> {
  const use = await attachedDevice(host, volume, patience);
  const seen = await survey(host);
  const whole = seen.devices.find((device) => seen.pathOf(device) === use.device);
  if (!whole) throw new DeviceNotFound(host.name, volume, []);
  const partitions = stackOf(whole).filter(({type}) => type === 'part');
  const devices = partitions.length > 0 ? partitions : [whole];
  return Promise.all(devices.map((device) => look(host, device, seen)));
}

async function look(host: Host, device: BlockDevice, seen: Survey): Promise<Candidate> {
  const path = seen.pathOf(device);
  const number = device.type === 'part' ? /\d+$/.exec(device.kernelName)?.[0] : undefined;
  return {
    device: path,
    ...(await contentOf(host, path)),
    ...(number !== undefined && {partition: Number(number)}),
  };
}

function textOf({partition, type = 'nothing', label}: Candidate): string {
  const named = label === undefined ? type : `${type} "${label}"`;
  return partition === undefined ? named : `${partition} (${named})`;
}
