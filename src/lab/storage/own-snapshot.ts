/** The snapshot that a changing action is about. */
import type {Call} from '../api/call.ts';
import {find, notFound} from '../api/find.ts';
import type {Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {maySee} from './snapshot-view.ts';

/** A snapshot that the caller may change. @throws ApiError NotFound for what cannot be seen, AuthFailure for what is another's */
export function ownSnapshot(id: string, call: Call): Snapshot {
  const snapshot = find('snapshot', id, call);
  if (snapshot.owner === call.account) return snapshot;
  if (!maySee(snapshot, call.account)) throw notFound('snapshot', id);
  throw new ApiError('AuthFailure', `Not authorized for snapshot:${id}`);
}
