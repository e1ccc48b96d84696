/** ListSnapshotsInRecycleBin and RestoreSnapshotFromRecycleBin: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-working-with-snaps.html */
import type {
  ListSnapshotsInRecycleBinRequest,
  ListSnapshotsInRecycleBinResult,
  RestoreSnapshotFromRecycleBinRequest,
  RestoreSnapshotFromRecycleBinResult,
  SnapshotRecycleBinInfo,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {where} from '../api/filters.ts';
import {checkId, notFound} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import type {Snapshot} from '../state/entities.ts';
import {snapshotState} from './snapshot-view.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a restored snapshot is `recovering`. */
const RECOVERY_MS = 10_000;

export const listSnapshotsInRecycleBin: Handler<
  ListSnapshotsInRecycleBinRequest,
  ListSnapshotsInRecycleBinResult
> = (input, call) => {
  const ids = given(input.SnapshotIds);
  const kept = ids
    ? ids.map((id) => binned(id, call))
    : where(call.store.all('snapshot', call.region), (snapshot) => isInBin(snapshot, call.now));
  const {items, nextToken} = pageOf(kept, input, call, {ids});
  return {Snapshots: items.map(view), NextToken: nextToken};
};

export const restoreSnapshotFromRecycleBin: Handler<
  RestoreSnapshotFromRecycleBinRequest,
  RestoreSnapshotFromRecycleBinResult
> = (input, call) => {
  const {bin: _bin, ...snapshot} = binned(required(input.SnapshotId, 'SnapshotId'), call);
  const restored = {...snapshot, recoveredAt: call.now + RECOVERY_MS};
  call.changes.put('snapshot', restored);
  return {
    SnapshotId: restored.id,
    Description: restored.description,
    Encrypted: restored.encrypted,
    OwnerId: restored.owner,
    Progress: '100%',
    StartTime: new Date(restored.createdAt),
    State: snapshotState(restored, call.now),
    VolumeId: restored.volumeId,
    VolumeSize: restored.sizeGiB,
  };
};

/** The snapshot in the bin of its region; undefined where there is none, or where it keeps none of this state. */
export function intoBin(snapshot: Snapshot, {world, region, now}: Call): Snapshot | undefined {
  const days = world.fleet.regions[region]?.recycle_bin?.days;
  if (days === undefined || snapshotState(snapshot, now) !== 'completed') return undefined;
  return {...snapshot, bin: {enteredAt: now, leavesAt: now + days * DAY_MS}};
}

function binned(id: string, call: Call): Snapshot {
  checkId('snapshot', id);
  const snapshot = call.store.get('snapshot', call.region, id);
  if (snapshot && isInBin(snapshot, call.now)) return snapshot;
  throw notFound('snapshot', id);
}

function isInBin({bin}: Snapshot, now: number): boolean {
  return bin !== undefined && now < bin.leavesAt;
}

function view({id, description, volumeId, bin}: Snapshot): SnapshotRecycleBinInfo {
  return {
    SnapshotId: id,
    RecycleBinEnterTime: bin && new Date(bin.enteredAt),
    RecycleBinExitTime: bin && new Date(bin.leavesAt),
    Description: description,
    VolumeId: volumeId,
  };
}
