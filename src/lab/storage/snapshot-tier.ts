/** ModifySnapshotTier and DescribeSnapshotTierStatus: the archive. */
import type {
  DescribeSnapshotTierStatusRequest,
  DescribeSnapshotTierStatusResult,
  ModifySnapshotTierRequest,
  ModifySnapshotTierResult,
  SnapshotTierStatus,
} from '@aws-sdk/client-ec2';
import {type Handler, required} from '../api/call.ts';
import {compileFilters, where} from '../api/filters.ts';
import {isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet} from '../api/tag-rules.ts';
import type {Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {ownSnapshot} from './own-snapshot.ts';
import {snapshotState} from './snapshot-view.ts';

export const modifySnapshotTier: Handler<ModifySnapshotTierRequest, ModifySnapshotTierResult> = (
  input,
  call,
) => {
  const snapshot = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  if ((input.StorageTier ?? 'archive') !== 'archive') {
    throw new ApiError('InvalidParameterValue', `Invalid value '${input.StorageTier}' for StorageTier.`);
  }
  if (snapshotState(snapshot, call.now) !== 'completed' || snapshot.archivedAt !== undefined) {
    throw new ApiError(
      'IncorrectState',
      `The snapshot '${snapshot.id}' is not completed and in the standard tier.`,
    );
  }
  if (call.store.imagesOf(call.region, snapshot.id).length > 0) {
    throw new ApiError(
      'InvalidSnapshot.InUse',
      `The snapshot ${snapshot.id} is currently in use by an image`,
    );
  }
  const archivedAt = call.now + call.between(call.world.fleet.timing.copy_seconds);
  call.changes.put('snapshot', {...snapshot, archivedAt});
  return {SnapshotId: snapshot.id, TieringStartTime: new Date(call.now)};
};

export const describeSnapshotTierStatus: Handler<
  DescribeSnapshotTierStatusRequest,
  DescribeSnapshotTierStatusResult
> = (input, call) => {
  const passes = compileFilters<Snapshot>(input.Filters, {
    'snapshot-id': ({id}) => id,
    'volume-id': ({volumeId}) => volumeId,
    'last-tiering-operation': (snapshot) => tieringView(snapshot, call.now).LastTieringOperationStatus,
  });
  const own = where(
    call.store.all('snapshot', call.region),
    (snapshot) => snapshot.owner === call.account && isVisible(snapshot, call.now) && passes(snapshot),
  );
  const {items, nextToken} = pageOf(own, input, call);
  return {
    SnapshotTierStatuses: items.map((snapshot) => ({
      ...tieringView(snapshot, call.now),
      Tags: tagSet(snapshot.tags),
    })),
    NextToken: nextToken,
  };
};

function tieringView(snapshot: Snapshot, now: number): SnapshotTierStatus {
  const common = {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    Status: snapshotState(snapshot, now),
    OwnerId: snapshot.owner,
  };
  const {archivedAt} = snapshot;
  if (archivedAt === undefined) return {...common, StorageTier: 'standard'};
  if (now < archivedAt) {
    return {
      ...common,
      StorageTier: 'standard',
      LastTieringOperationStatus: 'archival-in-progress',
      LastTieringProgress: 0,
    };
  }
  return {
    ...common,
    StorageTier: 'archive',
    LastTieringOperationStatus: 'archival-completed',
    LastTieringProgress: 100,
    ArchivalCompleteTime: new Date(archivedAt),
  };
}
