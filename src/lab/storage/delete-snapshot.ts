/** DeleteSnapshot, and what stands in its way. */
import type {DeleteSnapshotRequest} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find, notFound} from '../api/find.ts';
import type {Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {isLocked} from './lock-snapshot.ts';
import {maySee} from './snapshot-view.ts';

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

/** A snapshot that the caller may change. @throws ApiError NotFound for what cannot be seen, AuthFailure for what is another's */
export function ownSnapshot(id: string, call: Call): Snapshot {
  const snapshot = find('snapshot', id, call);
  if (snapshot.owner === call.account) return snapshot;
  if (!maySee(snapshot, call.account)) throw notFound('snapshot', id);
  throw new ApiError('AuthFailure', `Not authorized for snapshot:${id}`);
}
