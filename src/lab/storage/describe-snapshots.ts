/** DescribeSnapshots: one's own, shared and public snapshots. */
import type {DescribeSnapshotsRequest, DescribeSnapshotsResult} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler} from '../api/call.ts';
import {compileFilters, type FilterTable, where} from '../api/filters.ts';
import {checkId, isVisible, notFound} from '../api/find.ts';
import {pageOf, positionAfter} from '../api/paging.ts';
import type {Snapshot} from '../state/entities.ts';
import {maySee, snapshotProgress, snapshotState, snapshotView} from './snapshot-view.ts';

export const describeSnapshots: Handler<DescribeSnapshotsRequest, DescribeSnapshotsResult> = (
  input,
  call,
) => {
  const ids = given(input.SnapshotIds);
  const passes = compileFilters(input.Filters, filterTable(call.now));
  const owners = given(input.OwnerIds)?.map((owner) => (owner === 'self' ? call.account : owner));
  const restorers = given(input.RestorableByUserIds);
  const candidates = ids ? byIds(ids, call) : visible(input, call);
  const chosen = where(
    candidates,
    (snapshot) =>
      (!owners || owners.some((owner) => isOwner(snapshot, owner))) &&
      (!restorers || restorers.some((user) => isRestorableBy(snapshot, user, call.account))) &&
      passes(snapshot),
  );
  const {items, nextToken} = pageOf(chosen, input, call, {ids, isCapped: true});
  return {Snapshots: items.map((snapshot) => snapshotView(snapshot, call.now)), NextToken: nextToken};
};

function filterTable(now: number): FilterTable<Snapshot> {
  return {
    description: ({description}) => description,
    encrypted: ({encrypted}) => encrypted,
    'owner-alias': ({isPublic}) => (isPublic ? 'amazon' : undefined),
    'owner-id': ({owner}) => owner,
    progress: (snapshot) => snapshotProgress(snapshot, now),
    'snapshot-id': ({id}) => id,
    'start-time': ({createdAt}) => new Date(createdAt).toISOString(),
    status: (snapshot) => snapshotState(snapshot, now),
    'storage-tier': ({archivedAt}) =>
      archivedAt !== undefined && archivedAt <= now ? 'archive' : 'standard',
    'transfer-type': ({completionMinutes}) => (completionMinutes === undefined ? 'standard' : 'time-based'),
    'volume-id': ({volumeId}) => volumeId,
    'volume-size': ({sizeGiB}) => sizeGiB,
  };
}

function byIds(ids: readonly string[], call: Call): Snapshot[] {
  for (const id of ids) checkId('snapshot', id);
  return [...new Set(ids)].map((id) => {
    const snapshot = call.store.get('snapshot', call.region, id);
    if (snapshot && isVisible(snapshot, call.now) && maySee(snapshot, call.account)) return snapshot;
    throw notFound('snapshot', id);
  });
}

function visible(input: DescribeSnapshotsRequest, call: Call): Iterable<Snapshot> {
  return where(
    named(input, call) ?? call.store.all('snapshot', call.region, positionAfter(input, call)),
    (snapshot) => isVisible(snapshot, call.now) && maySee(snapshot, call.account),
  );
}

/** Those that a filter names without wildcards, found without a look at all others; in the order of pages. */
function named({Filters}: DescribeSnapshotsRequest, {store, region}: Call): Snapshot[] | undefined {
  const ids = Filters?.find(({Name}) => Name === 'snapshot-id')?.Values;
  if (!ids || ids.some((id) => /[*?\\]/.test(id))) return undefined;
  return [...new Set(ids)]
    .flatMap((id) => store.get('snapshot', region, id) ?? [])
    .sort((a, b) => store.positionOf(a.id) - store.positionOf(b.id));
}

function isOwner(snapshot: Snapshot, owner: string): boolean {
  return owner === 'amazon' ? snapshot.isPublic : snapshot.owner === owner;
}

function isRestorableBy(snapshot: Snapshot, user: string, account: string): boolean {
  if (user === 'all') return snapshot.isPublic;
  const id = user === 'self' ? account : user;
  return snapshot.owner === id || snapshot.sharedWith.includes(id);
}
