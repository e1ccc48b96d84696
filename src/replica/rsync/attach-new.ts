/** A volume of an item, made and attached to the instance of its side. */
import {attachedDevice} from '../../disk/attached-device.ts';
import type {VolumeRequest} from '../../ec2/scratch/make/volume.ts';
import type {Scratch} from '../../ec2/scratch/scratch.ts';
import type {Disk} from './disk.ts';
import type {Side} from './side.ts';
import type {RsyncTools} from './tools.ts';

export interface DiskRequest extends Omit<VolumeRequest, 'zone' | 'sizeGiB'> {
  readonly sizeGiB: number;
  readonly isEncrypted: boolean;
}

/** Makes it in the scratch, which removes it, and waits for its device. */
export async function attachNew(
  {run}: RsyncTools,
  {id, zone, host, reach}: Side,
  scratch: Scratch,
  {isEncrypted, ...request}: DiskRequest,
): Promise<Disk> {
  const volume = await scratch.volume({...request, zone}, isEncrypted);
  const name = await scratch.attach(volume, id);
  const {device} = await attachedDevice(host, {volumeId: volume, device: name}, run);
  return {host, ...(reach && {reach}), volume, device, sizeGiB: request.sizeGiB};
}
