/** Attaching volumes to instances and detaching them, waited for. */
import type {VolumeAttachment} from '@aws-sdk/client-ec2';
import {FtaskError} from '../../errors.ts';
import type {InstanceId, VolumeId} from '../ids.ts';
import {askAgain, hasCode, type Place, unlessRefused, until} from './patience.ts';

const ATTACH_TIMEOUT_MS = 5 * 60_000;
const VISIBLE_TIMEOUT_MS = 60_000;
const DETACH_TIMEOUT_MS = 60_000;
const FORCED_TIMEOUT_MS = 5 * 60_000;

/** What AWS recommends for data volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const LETTERS = [...'fghijklmnop'];

/**
 * Attaches a volume at the first device name that is free, and waits until it is attached; returns that name, such as
 * `/dev/sdf`. @throws FtaskError `NoFreeDevice`, `NotAttached`; Ec2Error
 */
export async function attachVolume(place: Place, volume: VolumeId, instance: InstanceId): Promise<string> {
  for (const device of await freeDevices(place, instance)) {
    try {
      await attachAt(place, volume, instance, device);
    } catch (error) {
      if (isTaken(error)) continue;
      throw error;
    }
    return await attachedAs(place, volume, instance);
  }
  throw new FtaskError('NoFreeDevice', `${instance} has no free device name for one more volume`, {
    hint: `It uses all of /dev/sd[${LETTERS[0]}-${LETTERS.at(-1)}]; take another instance.`,
  });
}

/**
 * Detaches a volume from whatever it is attached to; by force when that does not let go, as while it is mounted.
 * Returns the instance where force was needed. A volume that is attached to nothing, or gone, counts as detached.
 */
export async function detachVolume(
  place: Place,
  volume: VolumeId,
): Promise<{readonly forcedFrom?: string | undefined}> {
  const [attachment] = (await attachmentsOf(place, volume)) ?? [];
  if (!attachment) return {};
  await askToDetach(place, volume, false);
  const look = async (): Promise<true | undefined> => (await isDetached(place, volume)) || undefined;
  try {
    await until(place, DETACH_TIMEOUT_MS, look, () => notDetached(volume));
    return {};
  } catch (error) {
    if (!(error instanceof FtaskError && error.code === 'NotDetached')) throw error;
  }
  await askToDetach(place, volume, true);
  await until(place, FORCED_TIMEOUT_MS, look, () => notDetached(volume));
  return {forcedFrom: attachment.InstanceId};
}

async function freeDevices({ec2, region, signal}: Place, instance: InstanceId): Promise<string[]> {
  const Filters = [{Name: 'attachment.instance-id', Values: [instance]}];
  const {Volumes = []} = await ec2.call(region, 'DescribeVolumes', {Filters}, signal);
  const taken = Volumes.flatMap(({Attachments = []}) => Attachments).map(({Device}) => letterOf(Device));
  return LETTERS.filter((letter) => !taken.includes(letter)).map((letter) => `/dev/sd${letter}`);
}

/** `/dev/sdf` and `/dev/xvdf` are the same device for the kernel. */
function letterOf(device: string | undefined): string | undefined {
  return /^(?:\/dev\/)?(?:sd|xvd|hd)([a-z]+)/.exec(device ?? '')?.[1];
}

async function attachAt(place: Place, volume: VolumeId, instance: InstanceId, device: string): Promise<void> {
  const {ec2, region, signal} = place;
  const input = {VolumeId: volume, InstanceId: instance, Device: device};
  const notThereYet = ['InvalidVolume.NotFound', 'InvalidInstanceID.NotFound', 'IncorrectState'];
  // Already attached: an earlier call was carried out although its answer was lost; where to is looked at next.
  await unlessRefused(['VolumeInUse'], () =>
    askAgain(place, {codes: notThereYet, timeoutMs: VISIBLE_TIMEOUT_MS}, () =>
      ec2.call(region, 'AttachVolume', input, signal),
    ),
  );
}

function isTaken(error: unknown): boolean {
  return hasCode(error, ['InvalidParameterValue']) && error.message.includes('already in use');
}

async function attachedAs(place: Place, volume: VolumeId, instance: InstanceId): Promise<string> {
  return until(
    place,
    ATTACH_TIMEOUT_MS,
    async () => {
      const attachments = await attachmentsOf(place, volume);
      const own = attachments?.find(({InstanceId}) => InstanceId === instance);
      return own?.State === 'attached' ? own.Device : undefined;
    },
    () => new FtaskError('NotAttached', `${volume} was not attached to ${instance} in 5 minutes`),
  );
}

async function askToDetach({ec2, region, signal}: Place, volume: VolumeId, Force: boolean): Promise<void> {
  const done = ['IncorrectState', 'InvalidVolume.NotFound', 'InvalidAttachment.NotFound'];
  await unlessRefused(done, () =>
    ec2.call(region, 'DetachVolume', {VolumeId: volume, ...(Force && {Force})}, signal),
  );
}

async function isDetached(place: Place, volume: VolumeId): Promise<boolean> {
  return ((await attachmentsOf(place, volume)) ?? []).length === 0;
}

/** Undefined when EC2 does not show the volume. */
async function attachmentsOf(
  {ec2, region, signal}: Place,
  volume: VolumeId,
): Promise<VolumeAttachment[] | undefined> {
  const Filters = [{Name: 'volume-id', Values: [volume]}];
  const {Volumes = []} = await ec2.call(region, 'DescribeVolumes', {Filters}, signal);
  return Volumes[0] && (Volumes[0].Attachments ?? []).filter(({State}) => State !== 'detached');
}

function notDetached(volume: VolumeId): FtaskError {
  return new FtaskError('NotDetached', `${volume} does not let go of its instance`);
}
