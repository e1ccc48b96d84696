/** Images: CreateImage, RegisterImage, DeregisterImage, DescribeImages. A snapshot that one uses cannot be deleted. */
import type {
  Image as Answer,
  BlockDeviceMapping,
  CreateImageRequest,
  CreateImageResult,
  DeregisterImageRequest,
  DeregisterImageResult,
  DescribeImagesRequest,
  DescribeImagesResult,
  RegisterImageRequest,
  RegisterImageResult,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {compileFilters, where} from '../api/filters.ts';
import {find, isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet, tagsFor} from '../api/tag-rules.ts';
import type {Image, ImageDisk, Snapshot} from '../state/entities.ts';
import {disksOf} from '../storage/attachment.ts';
import {restorable} from '../storage/create-volume.ts';
import {checkRegion, checkVolume, snapshotOf} from '../storage/snapshot-rules.ts';
import {ApiError} from '../wire/api-error.ts';
import {ownImage} from './disable-image.ts';

/** Snapshots every EBS volume of the instance; the image is available when they have completed. */
export const createImage: Handler<CreateImageRequest, CreateImageResult> = (input, call) => {
  const name = freeName(input.Name, call);
  const instance = find('instance', required(input.InstanceId, 'InstanceId'), call);
  const allowed = ['image', 'snapshot'];
  const tags = tagsFor(input.TagSpecifications, 'image', allowed);
  const snapshotTags = tagsFor(input.TagSpecifications, 'snapshot', allowed);
  const attached = disksOf(instance, call.store, call.now);
  checkRegion(attached.length, call);
  const image = call.born('ami', tags);
  const snapshots: Snapshot[] = [];
  const disks: ImageDisk[] = [];
  for (const {volume, attachment} of attached) {
    checkVolume(volume, call);
    const snapshot = snapshotOf(
      volume,
      `Created by CreateImage(${instance.id}) for ${image.id}`,
      snapshotTags,
      call,
    );
    call.changes.put('snapshot', snapshot);
    snapshots.push(snapshot);
    const {device, deleteOnTermination} = attachment;
    disks.push({
      device,
      deleteOnTermination,
      snapshotId: snapshot.id,
      sizeGiB: volume.sizeGiB,
      type: volume.type,
    });
  }
  const {architecture, rootDevice} = instance;
  const availableAt = Math.max(call.now, ...snapshots.map(({completesAt}) => completesAt));
  call.changes.put('image', {
    ...image,
    name,
    description: input.Description ?? '',
    architecture,
    rootDevice,
    availableAt,
    isPublic: false,
    disks,
  });
  return {ImageId: image.id};
};

export const registerImage: Handler<RegisterImageRequest, RegisterImageResult> = (input, call) => {
  const name = freeName(input.Name, call);
  const rootDevice = required(input.RootDeviceName, 'RootDeviceName');
  const disks = (input.BlockDeviceMappings ?? []).flatMap((mapping) => diskOf(mapping, call));
  if (!disks.some(({device}) => device === rootDevice)) {
    throw new ApiError(
      'InvalidBlockDeviceMapping',
      `No snapshot is given for the root device '${rootDevice}'.`,
    );
  }
  const image: Image = {
    ...call.born('ami', tagsFor(input.TagSpecifications, 'image')),
    name,
    description: input.Description ?? '',
    architecture: input.Architecture === 'arm64' ? 'arm64' : 'x86_64',
    rootDevice,
    availableAt: call.now,
    isPublic: false,
    disks,
  };
  call.changes.put('image', image);
  return {ImageId: image.id};
};

export const deregisterImage: Handler<DeregisterImageRequest, DeregisterImageResult> = (input, call) => {
  call.changes.delete('image', ownImage(input.ImageId, call));
  return {Return: true};
};

export const describeImages: Handler<DescribeImagesRequest, DescribeImagesResult> = (input, call) => {
  const ids = given(input.ImageIds);
  const owners = given(input.Owners)?.map((owner) => (owner === 'self' ? call.account : owner));
  const passes = compileFilters<Image>(input.Filters, {
    architecture: ({architecture}) => architecture,
    'block-device-mapping.snapshot-id': ({disks}) => disks.map(({snapshotId}) => snapshotId),
    'image-id': ({id}) => id,
    'is-public': ({isPublic}) => isPublic,
    name: ({name}) => name,
    'owner-id': ({owner}) => owner,
    'root-device-name': ({rootDevice}) => rootDevice,
    state: (image) => imageState(image, call.now),
  });
  const images = ids
    ? ids.map((id) => find('image', id, call))
    : where(call.store.all('image', call.region), (image) => isVisible(image, call.now));
  const chosen = where(
    images,
    (image) =>
      (!owners || isOwnedBy(image, owners)) &&
      (!image.isDisabled || input.IncludeDisabled === true) &&
      passes(image),
  );
  const {items, nextToken} = pageOf(chosen, input, call, {ids, min: 1});
  return {Images: items.map((image) => imageView(image, call.now)), NextToken: nextToken};
};

function isOwnedBy({owner, isPublic}: Image, owners: readonly string[]): boolean {
  return owners.includes(owner) || (isPublic && owners.includes('amazon'));
}

function diskOf({DeviceName: device, Ebs: ebs}: BlockDeviceMapping, call: Call): ImageDisk[] {
  if (!device || !ebs?.SnapshotId) return [];
  const snapshot = restorable(ebs.SnapshotId, call);
  return [
    {
      device,
      snapshotId: snapshot.id,
      sizeGiB: ebs.VolumeSize ?? snapshot.sizeGiB,
      type: ebs.VolumeType ?? 'gp3',
      deleteOnTermination: ebs.DeleteOnTermination ?? true,
    },
  ];
}

function freeName(given: string | undefined, call: Call): string {
  const name = required(given, 'Name');
  for (const image of call.store.all('image', call.region)) {
    if (image.name !== name || image.owner !== call.account) continue;
    throw new ApiError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${image.id}`);
  }
  return name;
}

function imageState({availableAt, isDisabled}: Image, now: number): 'pending' | 'available' | 'disabled' {
  if (now < availableAt) return 'pending';
  return isDisabled ? 'disabled' : 'available';
}

function imageView(image: Image, now: number): Answer {
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.description,
    State: imageState(image, now),
    OwnerId: image.owner,
    ImageOwnerAlias: image.isPublic ? 'amazon' : undefined,
    Public: image.isPublic,
    Architecture: image.architecture,
    ImageType: 'machine',
    RootDeviceType: 'ebs',
    RootDeviceName: image.rootDevice,
    VirtualizationType: 'hvm',
    CreationDate: new Date(image.createdAt).toISOString(),
    BlockDeviceMappings: image.disks.map((disk) => ({
      DeviceName: disk.device,
      Ebs: {
        SnapshotId: disk.snapshotId,
        VolumeSize: disk.sizeGiB,
        VolumeType: disk.type as 'gp3',
        DeleteOnTermination: disk.deleteOnTermination,
      },
    })),
    Tags: tagSet(image.tags),
  };
}
