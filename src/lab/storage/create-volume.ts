/** CreateVolume and DeleteVolume. */
import type {Volume as Answer, CreateVolumeRequest, DeleteVolumeRequest} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find, notFound} from '../api/find.ts';
import {tagsFor} from '../api/tag-rules.ts';
import {defaultKey} from '../fleet/seed.ts';
import type {Snapshot, Volume} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {volumeState} from './attachment.ts';
import {volumeView} from './describe-volumes.ts';
import {maySee, snapshotState} from './snapshot-view.ts';

/** GiB a volume of each type may have: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  standard: [1, 1024],
  gp2: [1, 16_384],
  gp3: [1, 65_536],
  io1: [4, 16_384],
  io2: [4, 65_536],
  st1: [125, 16_384],
  sc1: [125, 16_384],
};

/** The same client token makes the volume once. */
export const createVolume: Handler<CreateVolumeRequest, Answer> = (input, call) => {
  const tags = tagsFor(input.TagSpecifications, 'volume');
  const zone = required(input.AvailabilityZone, 'AvailabilityZone');
  if (!call.world.fleet.regions[call.region]?.zones.some((letter) => call.region + letter === zone)) {
    throw new ApiError('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
  }
  const snapshot = input.SnapshotId ? restorable(input.SnapshotId, call) : undefined;
  const shape = checkedShape(input, snapshot);
  const earlier = withToken(input.ClientToken, call);
  if (earlier) {
    if (earlier.sizeGiB === shape.sizeGiB && earlier.zone === zone && earlier.type === shape.type) {
      return volumeView(earlier, call.now);
    }
    throw new ApiError('IdempotentParameterMismatch', 'The client token was used with other parameters.');
  }
  const isDefault = call.world.fleet.regions[call.region]?.encryption_by_default === true;
  const encrypted = (input.Encrypted ?? false) || isDefault || (snapshot?.encrypted ?? false);
  const volume: Volume = {
    ...call.born('vol', tags),
    ...shape,
    zone,
    encrypted,
    kmsKeyId: encrypted
      ? (input.KmsKeyId ?? snapshot?.kmsKeyId ?? defaultKey(call.region, call.account))
      : undefined,
    multiAttach: input.MultiAttachEnabled ?? false,
    snapshotId: snapshot?.id ?? '',
    availableAt: call.now + call.world.fleet.timing.attach_seconds * 1000,
    attachments: [],
    clientToken: input.ClientToken,
  };
  call.changes.put('volume', volume);
  return volumeView(volume, call.now);
};

export const deleteVolume: Handler<DeleteVolumeRequest, object> = (input, call) => {
  const volume = find('volume', required(input.VolumeId, 'VolumeId'), call);
  const state = volumeState(volume, call.now);
  if (state === 'in-use') {
    throw new ApiError(
      'VolumeInUse',
      `Volume ${volume.id} is currently attached to ${volume.attachments[0]?.instanceId}`,
    );
  }
  if (state !== 'available') throw new ApiError('IncorrectState', `Volume ${volume.id} is ${state}.`);
  call.changes.delete('volume', volume);
  return {};
};

/** A snapshot that a volume can be made of. @throws ApiError */
export function restorable(id: string, call: Call): Snapshot {
  const snapshot = find('snapshot', id, call);
  if (!maySee(snapshot, call.account)) throw notFound('snapshot', id);
  if (snapshotState(snapshot, call.now) === 'completed' && snapshot.archivedAt === undefined) return snapshot;
  throw new ApiError('IncorrectState', `Snapshot '${id}' is not 'completed'.`);
}

type Shape = Pick<Volume, 'sizeGiB' | 'type' | 'iops' | 'throughput'>;

function checkedShape(input: CreateVolumeRequest, snapshot: Snapshot | undefined): Shape {
  const type = input.VolumeType ?? 'gp2';
  const range = SIZES[type];
  if (!range)
    throw new ApiError('UnknownVolumeType', `Unsupported volume type '${type}' for volume creation.`);
  const sizeGiB = input.Size ?? snapshot?.sizeGiB;
  if (sizeGiB === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter size or snapshotId');
  }
  if (sizeGiB < range[0] || sizeGiB > range[1]) {
    throw new ApiError(
      'InvalidParameterValue',
      `Volume of ${sizeGiB}GiB: ${type} takes ${range[0]} to ${range[1]} GiB.`,
    );
  }
  if (snapshot && sizeGiB < snapshot.sizeGiB) {
    throw new ApiError(
      'InvalidParameterValue',
      `The size of the volume must be at least that of the snapshot, ${snapshot.sizeGiB} GiB.`,
    );
  }
  const isProvisioned = type === 'io1' || type === 'io2';
  if (isProvisioned && input.Iops === undefined) {
    throw new ApiError('MissingParameter', `The parameter iops must be specified for ${type} volumes.`);
  }
  if (input.MultiAttachEnabled && !isProvisioned) {
    throw new ApiError(
      'InvalidParameterCombination',
      `The parameter MultiAttachEnabled is not supported for ${type} volumes.`,
    );
  }
  const isGp3 = type === 'gp3';
  return {
    sizeGiB,
    type,
    iops: input.Iops ?? (isGp3 ? 3000 : undefined),
    throughput: isGp3 ? (input.Throughput ?? 125) : undefined,
  };
}

function withToken(token: string | undefined, call: Call): Volume | undefined {
  if (token === undefined) return undefined;
  for (const volume of call.store.all('volume', call.region)) if (volume.clientToken === token) return volume;
  return undefined;
}
