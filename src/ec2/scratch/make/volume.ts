/** Making one temporary volume. */
import {randomUUID} from 'node:crypto';
import {FtaskError} from '../../../errors.ts';
import type {SnapshotId, VolumeId} from '../../ids.ts';
import {type Tags, tagList} from '../../tags.ts';
import {type Place, unlessRefused, until} from '../patience.ts';

export interface VolumeRequest {
  readonly zone: string;
  readonly snapshot?: SnapshotId;
  /** That of the snapshot by default. */
  readonly sizeGiB?: number;
  /** It is encrypted: with this key, else with the snapshot's own or the region's default. */
  readonly encryption?: {readonly kmsKey?: string};
}

const AVAILABLE_TIMEOUT_MS = 10 * 60_000;

/** Asks for the volume; it is `creating` then. @throws Ec2Error */
export async function createVolume(place: Place, request: VolumeRequest, tags: Tags): Promise<VolumeId> {
  const {ec2, region, signal} = place;
  const {zone, snapshot, sizeGiB, encryption} = request;
  const input = {
    // Answers may be lost: asked again under the same token, EC2 makes no second one.
    ClientToken: randomUUID(),
    AvailabilityZone: zone,
    VolumeType: 'gp3' as const,
    ...(snapshot && {SnapshotId: snapshot}),
    ...(sizeGiB !== undefined && {Size: sizeGiB}),
    ...(encryption && {Encrypted: true}),
    ...(encryption?.kmsKey !== undefined && {KmsKeyId: encryption.kmsKey}),
    TagSpecifications: [{ResourceType: 'volume' as const, Tags: tagList(tags)}],
  };
  return (await ec2.call(region, 'CreateVolume', input, signal)).VolumeId as VolumeId;
}

/** Asks whether the call would be permitted; nothing is made. @throws Ec2Error when it would not */
export async function tryVolume(
  {ec2, region, signal}: Place,
  {zone, snapshot}: VolumeRequest,
): Promise<void> {
  const input = {DryRun: true, AvailabilityZone: zone, ...(snapshot && {SnapshotId: snapshot})};
  await unlessRefused(['DryRunOperation'], () => ec2.call(region, 'CreateVolume', input, signal));
}

/**
 * Waits until the volume can be attached. @throws FtaskError `NoVolume` when EC2 gives it up, as it does without a word
 * when the key of an encrypted snapshot may not be used
 */
export async function available(place: Place, id: VolumeId, isEncrypted: boolean): Promise<void> {
  const {ec2, region, signal} = place;
  const Filters = [{Name: 'volume-id', Values: [id]}];
  const hint = isEncrypted
    ? 'It is encrypted: may these credentials use its KMS key (kms:CreateGrant, kms:Decrypt)?'
    : undefined;
  let wasSeen = false;
  await until(
    place,
    AVAILABLE_TIMEOUT_MS,
    async () => {
      const {Volumes = []} = await ec2.call(region, 'DescribeVolumes', {Filters}, signal);
      const state = Volumes[0]?.State;
      if (state === 'available') return true;
      const isGone = wasSeen ? state !== 'creating' : state === 'error' || state === 'deleting';
      if (isGone) throw new FtaskError('NoVolume', `EC2 gave up making ${id} (${state ?? 'gone'})`, {hint});
      wasSeen ||= state !== undefined;
      return undefined;
    },
    () => new FtaskError('NoVolume', `${id} cannot be used after 10 minutes`, {hint}),
  );
}
