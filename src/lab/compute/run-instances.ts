/** RunInstances. */
import type {BlockDeviceMapping, Reservation, RunInstancesRequest} from '@aws-sdk/client-ec2';
import {subnetOf} from '../account/subnets.ts';
import {type Call, type Handler, required} from '../api/call.ts';
import {find} from '../api/find.ts';
import {tagsFor} from '../api/tag-rules.ts';
import {defaultKey} from '../fleet/seed.ts';
import {type Image, type Instance, settled, type Tags} from '../state/entities.ts';
import {restorable} from '../storage/create-volume.ts';
import {ApiError} from '../wire/api-error.ts';
import {reservationView} from './describe-instances.ts';

const MAX_AT_ONCE = 100;
const MAX_USER_DATA = 16_384;

/** The same client token launches once. */
export const runInstances: Handler<RunInstancesRequest, Reservation> = (input, call) => {
  const earlier = input.ClientToken ? launchedWith(input.ClientToken, call) : [];
  if (earlier.length > 0) return reservationView(earlier, call);
  const count = required(input.MaxCount, 'MaxCount');
  if (count < 1 || count > MAX_AT_ONCE || required(input.MinCount, 'MinCount') > count) {
    throw new ApiError(
      'InvalidParameterValue',
      `Invalid counts: MinCount ${input.MinCount}, MaxCount ${count}.`,
    );
  }
  const image = find('image', required(input.ImageId, 'ImageId'), call);
  if (call.now < image.availableAt || image.isDisabled) {
    const state = image.isDisabled ? 'disabled' : 'pending';
    throw new ApiError('InvalidAMIID.Unavailable', `The image '${image.id}' is ${state}.`);
  }
  const allowed = ['instance', 'volume', 'network-interface'];
  const tags = tagsFor(input.TagSpecifications, 'instance', allowed);
  const volumeTags = tagsFor(input.TagSpecifications, 'volume', allowed);
  const common = checkedLaunch(input, image, call);
  const instances = Array.from(
    {length: count},
    (): Instance => ({
      ...call.born('i', tags),
      ...common,
      privateIp: call.address(),
    }),
  );
  for (const instance of instances) {
    call.changes.put('instance', instance);
    putVolumes(instance, {image, mappings: input.BlockDeviceMappings ?? [], tags: volumeTags, call});
  }
  return reservationView(instances, call);
};

function checkedLaunch(input: RunInstancesRequest, image: Image, call: Call) {
  const subnet = input.SubnetId === undefined ? undefined : subnetOf(input.SubnetId, call);
  const zone = input.Placement?.AvailabilityZone ?? subnet?.zone ?? `${call.region}a`;
  if (subnet && subnet.zone !== zone) {
    throw new ApiError(
      'InvalidParameterValue',
      `The subnet '${subnet.id}' is in ${subnet.zone}, not in the availability zone ${zone}.`,
    );
  }
  if (!call.world.fleet.regions[call.region]?.zones.some((letter) => call.region + letter === zone)) {
    throw new ApiError('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
  }
  const keyName = input.KeyName;
  if (
    keyName !== undefined &&
    ![...call.store.all('key-pair', call.region)].some(({name}) => name === keyName)
  ) {
    throw new ApiError('InvalidKeyPair.NotFound', `The key pair '${keyName}' does not exist`);
  }
  const groupIds = (input.SecurityGroupIds ?? []).map((id) => find('security-group', id, call).id);
  const at = call.now + call.world.fleet.timing.state_change_seconds * 1000;
  return {
    state: {before: 'pending', at, after: 'running'} as const,
    reservationId: call.id('r'),
    type: input.InstanceType ?? 't3.micro',
    architecture: image.architecture,
    imageId: image.id,
    zone,
    rootDevice: image.rootDevice,
    isEbs: true,
    keyName,
    groupIds,
    clientToken: input.ClientToken,
    userData: checkedUserData(input.UserData),
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
function checkedUserData(base64: string | undefined): string | undefined {
  if (!base64) return undefined;
  const text = base64.replaceAll(/\s/g, '');
  const data = Buffer.from(text, 'base64');
  if (data.toString('base64').replaceAll('=', '') !== text.replaceAll('=', '')) {
    throw new ApiError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  if (data.length <= MAX_USER_DATA) return text;
  throw new ApiError('InvalidParameterValue', `User data is limited to ${MAX_USER_DATA} bytes`);
}

interface Disks {
  readonly image: Image;
  readonly mappings: readonly BlockDeviceMapping[];
  readonly tags: Tags;
  readonly call: Call;
}

/** The image's disks, each as the request overrides it, and those that the request adds. */
function putVolumes(instance: Instance, {image, mappings, tags, call}: Disks): void {
  const requested = new Map(mappings.map((mapping) => [mapping.DeviceName ?? '', mapping]));
  const devices = new Set([...image.disks.map(({device}) => device), ...requested.keys()]);
  for (const device of devices) {
    const mapping = requested.get(device);
    if (mapping?.NoDevice !== undefined) continue;
    const disk = image.disks.find((candidate) => candidate.device === device);
    const snapshotId = mapping?.Ebs?.SnapshotId ?? disk?.snapshotId;
    const snapshot = snapshotId === undefined ? undefined : restorable(snapshotId, call);
    const sizeGiB = mapping?.Ebs?.VolumeSize ?? disk?.sizeGiB ?? snapshot?.sizeGiB;
    if (sizeGiB === undefined || (snapshot && sizeGiB < snapshot.sizeGiB)) {
      throw new ApiError(
        'InvalidBlockDeviceMapping',
        `The size of ${device} is missing or smaller than its snapshot.`,
      );
    }
    const encrypted = snapshot?.encrypted || (mapping?.Ebs?.Encrypted ?? false);
    const type = mapping?.Ebs?.VolumeType ?? disk?.type ?? 'gp3';
    call.changes.put('volume', {
      ...call.born('vol', tags),
      zone: instance.zone,
      sizeGiB,
      type,
      iops: mapping?.Ebs?.Iops ?? (type === 'gp3' ? 3000 : undefined),
      encrypted,
      kmsKeyId: encrypted ? defaultKey(call.region, call.account) : undefined,
      multiAttach: false,
      snapshotId: snapshot?.id ?? '',
      availableAt: call.now,
      attachments: [
        {
          instanceId: instance.id,
          device,
          attachedAt: call.now,
          state: settled('attached'),
          deleteOnTermination: mapping?.Ebs?.DeleteOnTermination ?? disk?.deleteOnTermination ?? false,
        },
      ],
    });
  }
}

function launchedWith(token: string, call: Call): Instance[] {
  return [...call.store.all('instance', call.region)].filter(({clientToken}) => clientToken === token);
}
