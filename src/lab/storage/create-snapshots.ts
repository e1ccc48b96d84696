/** CreateSnapshot of a volume and CreateSnapshots of all volumes of an instance. */
import type {
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  InstanceSpecification,
  Snapshot as SnapshotAnswer,
} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find} from '../api/find.ts';
import {joinedTags, tagSet, tagsFor} from '../api/tag-rules.ts';
import {type Instance, stateAt, type Volume} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {disksOf} from './attachment.ts';
import {checkDescription, checkRegion, checkVolume, snapshotOf} from './snapshot-rules.ts';
import {snapshotView} from './snapshot-view.ts';

const MAX_EXCLUDED = 40;

export const createSnapshot: Handler<CreateSnapshotRequest, SnapshotAnswer> = (input, call) => {
  const tags = tagsFor(input.TagSpecifications, 'snapshot');
  const description = checkDescription(input.Description);
  const volume = find('volume', required(input.VolumeId, 'VolumeId'), call);
  checkVolume(volume, call);
  checkRegion(1, call);
  const snapshot = snapshotOf(volume, description, tags, call);
  call.changes.put('snapshot', snapshot);
  return {...snapshotView(snapshot, call.now), Progress: ''};
};

/** A crash-consistent set: one start time, and when one member fails all of them do. */
export const createSnapshots: Handler<CreateSnapshotsRequest, CreateSnapshotsResult> = (input, call) => {
  const requested = tagsFor(input.TagSpecifications, 'snapshot');
  const description = checkDescription(input.Description);
  const specification = required(input.InstanceSpecification, 'InstanceSpecification');
  const instance = find(
    'instance',
    required(specification.InstanceId, 'InstanceSpecification.InstanceId'),
    call,
  );
  const volumes = chosenVolumes(instance, specification, call);
  const copiesTags = input.CopyTagsFromSource === 'volume';
  checkRegion(volumes.length, call);
  const snapshots = volumes.map((volume) => {
    checkVolume(volume, call);
    return snapshotOf(volume, description, copiesTags ? joinedTags(volume.tags, requested) : requested, call);
  });
  for (const snapshot of snapshots) call.changes.put('snapshot', snapshot);
  return {
    Snapshots: snapshots.map((snapshot) => ({
      SnapshotId: snapshot.id,
      VolumeId: snapshot.volumeId,
      State: 'pending',
      StartTime: new Date(snapshot.createdAt),
      Progress: '',
      OwnerId: snapshot.owner,
      Description: snapshot.description,
      VolumeSize: snapshot.sizeGiB,
      Encrypted: snapshot.encrypted,
      Tags: tagSet(snapshot.tags),
    })),
  };
};

function chosenVolumes(instance: Instance, specification: InstanceSpecification, call: Call): Volume[] {
  const state = stateAt(instance.state, call.now);
  if (state === 'terminated' || state === 'shutting-down') {
    throw new ApiError('IncorrectState', `The instance '${instance.id}' is ${state}.`);
  }
  const attached = disksOf(instance, call.store, call.now);
  const excluded = new Set(specification.ExcludeDataVolumeIds ?? []);
  if (excluded.size > MAX_EXCLUDED) {
    throw new ApiError('InvalidParameterValue', `At most ${MAX_EXCLUDED} data volumes can be excluded`);
  }
  for (const id of excluded) {
    const found = attached.find(({volume}) => volume.id === find('volume', id, call).id);
    if (!found)
      throw new ApiError('InvalidParameterValue', `The volume '${id}' is not attached to ${instance.id}`);
    if (found.isRoot) {
      throw new ApiError(
        'InvalidParameterValue',
        `'${id}' is the root volume: use ExcludeBootVolume to exclude it`,
      );
    }
  }
  const chosen = attached.filter(
    ({volume, isRoot}) => !excluded.has(volume.id) && !(isRoot && specification.ExcludeBootVolume),
  );
  if (chosen.length > 0) return chosen.map(({volume}) => volume);
  throw new ApiError('InvalidParameterValue', `The instance '${instance.id}' has no volumes to snapshot.`);
}
