/** ModifySnapshotTier and DescribeSnapshotTierStatus: the archive. */
import type {
  DescribeSnapshotTierStatusRequest,
  DescribeSnapshotTierStatusResult,
  ModifySnapshotTierRequest,
  ModifySnapshotTierResult,
} from '@aws-sdk/client-ec2';
import {type Handler, required} from '../api/call.ts';
import {compileFilters, where} from '../api/filters.ts';
import {isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet} from '../api/tag-rules.ts';
import type {Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {ownSnapshot} from './delete-snapshot.ts';
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
  const isArchived = ({archivedAt}: Snapshot) => archivedAt !== undefined && archivedAt <= call.now;
  const passes = compileFilters<Snapshot>(input.Filters, {
    'snapshot-id': ({id}) => id,
    'volume-id': ({volumeId}) => volumeId,
    'last-tiering-operation': ({archivedAt}) =>
      archivedAt && (archivedAt <= call.now ? 'archival-completed' : 'archival-in-progress'),
  });
  const own = where(
    call.store.all('snapshot', call.region),
    (snapshot) => snapshot.owner === call.account && isVisible(snapshot, call.now) && passes(snapshot),
  );
  const {items, nextToken} = pageOf(own, input, call);
  return {
    SnapshotTierStatuses: items.map((snapshot) => ({
      SnapshotId: snapshot.id,
      VolumeId: snapshot.volumeId,
      Status: snapshotState(snapshot, call.now),
      OwnerId: snapshot.owner,
      Tags: tagSet(snapshot.tags),
      StorageTier: isArchived(snapshot) ? 'archive' : 'standard',
      LastTieringProgress: snapshot.archivedAt === undefined ? undefined : isArchived(snapshot) ? 100 : 0,
      LastTieringOperationStatus:
        snapshot.archivedAt === undefined
          ? undefined
          : isArchived(snapshot)
            ? 'archival-completed'
            : 'archival-in-progress',
      ArchivalCompleteTime: isArchived(snapshot) ? new Date(snapshot.archivedAt ?? 0) : undefined,
    })),
    NextToken: nextToken,
  };
};
