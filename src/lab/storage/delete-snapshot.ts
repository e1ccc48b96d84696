/** DeleteSnapshot, and what stands in its way. */
import type {DeleteSnapshotRequest} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import type {Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {isLocked} from './lock-snapshot.ts';
import {ownSnapshot} from './own-snapshot.ts';
import {intoBin} from './recycle-bin.ts';

/** A pending snapshot goes when it has completed, and counts as pending until then. Copies of it that are under way fail. */
export const deleteSnapshot: Handler<DeleteSnapshotRequest, object> = (input, call) => {
  const snapshot = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  const image = call.store.imagesOf(call.region, snapshot.id)[0];
  if (image) {
    throw new ApiError(
      'InvalidSnapshot.InUse',
      `The snapshot ${snapshot.id} is currently in use by ${image.id}`,
    );
  }
  if (isLocked(snapshot, call.now)) {
    throw new ApiError(
      'OperationNotPermitted',
      `The snapshot '${snapshot.id}' is locked and cannot be deleted.`,
    );
  }
  if (Object.hasOwn(snapshot.tags, 'aws:backup:source-resource')) {
    throw new ApiError(
      'InvalidParameterValue',
      'This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs.',
    );
  }
  for (const copy of copiesUnderWay(snapshot, call)) {
    call.changes.put('snapshot', {...copy, failure: `The source snapshot ${snapshot.id} was deleted`});
  }
  const kept = intoBin(snapshot, call);
  if (call.now < snapshot.completesAt) {
    call.changes.put('snapshot', {...snapshot, deletedAt: snapshot.completesAt});
  } else if (kept) {
    call.changes.put('snapshot', kept);
  } else {
    call.changes.delete('snapshot', snapshot);
  }
  return {};
};

/** AWS does not say what becomes of them: this is the worst that could. */
function copiesUnderWay({id}: Snapshot, {world, store, now}: Call): Snapshot[] {
  return Object.keys(world.fleet.regions)
    .flatMap((region) => store.pendingSnapshots(region, now))
    .filter(({copyOf}) => copyOf?.id === id);
}
