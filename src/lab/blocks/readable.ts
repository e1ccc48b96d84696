/** Which snapshots the EBS direct APIs read. */
import type {Call} from '../api/call.ts';
import {find, notFound} from '../api/find.ts';
import type {Snapshot} from '../state/entities.ts';
import {maySee, snapshotState} from '../storage/snapshot-view.ts';
import {invalid} from './block-error.ts';

/** A completed snapshot in the standard tier. https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-faq.html */
export function readable(id: string, call: Call): Snapshot {
  const snapshot = find('snapshot', id, call);
  if (!maySee(snapshot, call.account)) throw notFound('snapshot', id);
  const state = snapshotState(snapshot, call.now);
  if (state !== 'completed') {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot ${id} is ${state}; only a completed one can be read`);
  }
  if (snapshot.archivedAt === undefined) return snapshot;
  throw invalid('INVALID_SNAPSHOT_ID', `The snapshot ${id} is archived`);
}
