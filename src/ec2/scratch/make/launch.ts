/** Starting one temporary instance, in the first zone that has room for it. */
import {randomUUID} from 'node:crypto';
import type {Instance as RawInstance} from '@aws-sdk/client-ec2';
import {FtaskError} from '../../../errors.ts';
import type {Secret} from '../../../secret.ts';
import type {Ec2Error} from '../../errors.ts';
import type {InstanceId} from '../../ids.ts';
import {type Tags, tagList} from '../../tags.ts';
import {askAgain, hasCode, type Place, until} from '../patience.ts';
import type {Image} from './image.ts';
import type {Spot} from './zones.ts';

export interface Launch {
  readonly image: Image;
  readonly type: string;
  readonly spots: readonly Spot[];
  readonly keyName: string;
  readonly group: string;
  /** Given to cloud-init as it is. */
  readonly userData: Secret;
  readonly tags: Tags;
}

/** A zone without room, and a zone that does not have this type of instance at all. */
const NO_ROOM = ['InsufficientInstanceCapacity', 'InsufficientHostCapacity', 'Unsupported'];
/** The group and the key are new, and RunInstances may not see them yet. */
const NOT_THERE_YET = ['InvalidGroup.NotFound', 'InvalidKeyPair.NotFound'];
const VISIBLE_TIMEOUT_MS = 60_000;
const RUNNING_TIMEOUT_MS = 10 * 60_000;

/** Asks for the instance; it is `pending` then. @throws FtaskError `NoCapacity` when no zone has room; Ec2Error */
export async function launch(
  place: Place,
  wanted: Launch,
  onFull: (zone: string, why: string) => void,
): Promise<InstanceId> {
  let last: Ec2Error | undefined;
  for (const spot of wanted.spots) {
    try {
      return await launchIn(place, spot, wanted);
    } catch (error) {
      if (!hasCode(error, NO_ROOM)) throw error;
      onFull(spot.zone, error.code);
      last = error;
    }
  }
  const zones = wanted.spots.map(({zone}) => zone).join(', ') || place.region;
  const why = last ? `; ${last.message}` : '';
  throw new FtaskError('NoCapacity', `no room for a ${wanted.type} in ${zones}${why}`, {
    hint: 'Run again later, or name another type in temporary.instance_type of the configuration.',
    cause: last,
  });
}

/** Waits until it runs and has an address. @throws FtaskError `NotRunning` with AWS's reason */
export async function running(place: Place, id: InstanceId): Promise<RawInstance> {
  const {ec2, region, signal} = place;
  const Filters = [{Name: 'instance-id', Values: [id]}];
  return until(
    place,
    RUNNING_TIMEOUT_MS,
    async () => {
      const {Reservations = []} = await ec2.call(region, 'DescribeInstances', {Filters}, signal);
      const instance = Reservations[0]?.Instances?.[0];
      const state = instance?.State?.Name;
      if (state === 'running' && instance?.PrivateIpAddress) return instance;
      if (state === undefined || state === 'pending' || state === 'running') return undefined;
      throw notRunning(id, instance?.StateReason?.Message ?? `it is ${state}`);
    },
    () => notRunning(id, 'it is still pending after 10 minutes'),
  );
}

async function launchIn(place: Place, {zone, subnet}: Spot, wanted: Launch): Promise<InstanceId> {
  const {image, type, keyName, group, userData, tags} = wanted;
  const own = tagList(tags);
  const input = {
    // Answers may be lost: asked again under the same token, EC2 starts no second one.
    ClientToken: randomUUID(),
    MinCount: 1,
    MaxCount: 1,
    ImageId: image.id,
    InstanceType: type as 't3.micro',
    KeyName: keyName,
    SecurityGroupIds: [group],
    ...(subnet === undefined ? {} : {SubnetId: subnet}),
    Placement: {AvailabilityZone: zone},
    UserData: Buffer.from(userData.reveal()).toString('base64'),
    InstanceInitiatedShutdownBehavior: 'terminate' as const,
    MetadataOptions: {HttpTokens: 'required' as const},
    BlockDeviceMappings: [{DeviceName: image.rootDevice, Ebs: {DeleteOnTermination: true}}],
    TagSpecifications: [
      {ResourceType: 'instance' as const, Tags: own},
      {ResourceType: 'volume' as const, Tags: own},
    ],
  };
  const {Instances = []} = await askAgain(place, {codes: NOT_THERE_YET, timeoutMs: VISIBLE_TIMEOUT_MS}, () =>
    place.ec2.call(place.region, 'RunInstances', input, place.signal),
  );
  return Instances[0]?.InstanceId as InstanceId;
}

function notRunning(id: InstanceId, why: string): FtaskError {
  return new FtaskError('NotRunning', `${id} does not run: ${why}`);
}
