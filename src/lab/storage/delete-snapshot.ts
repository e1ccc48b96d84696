/** DeleteSnapshot, and what stands in its way. */
import type {DeleteSnapshotRequest} from '@aws-sdk/client-ec2';
import {type Handler, required} from '../api/call.ts';
import {ApiError} from '../wire/api-error.ts';
import {isLocked} from './lock-snapshot.ts';
import {ownSnapshot} from './own-snapshot.ts';

/** A pending snapshot goes when it has completed, and counts as pending until then. */
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
  if (call.now < snapshot.completesAt) {
    call.changes.put('snapshot', {...snapshot, deletedAt: snapshot.completesAt});
  } else {
    call.changes.delete('snapshot', snapshot);
  }
  return {};
};
