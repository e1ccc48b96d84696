/** LockSnapshot, UnlockSnapshot and DescribeLockedSnapshots: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lock-concepts.html */
import type {
  DescribeLockedSnapshotsRequest,
  DescribeLockedSnapshotsResult,
  LockedSnapshotsInfo,
  LockSnapshotRequest,
  LockSnapshotResult,
  LockState,
  UnlockSnapshotRequest,
  UnlockSnapshotResult,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {compileFilters, where} from '../api/filters.ts';
import {isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import type {Snapshot, SnapshotLock} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {ownSnapshot} from './own-snapshot.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const MAX_DAYS = 36_500;

export const lockSnapshot: Handler<LockSnapshotRequest, LockSnapshotResult> = (input, call) => {
  const snapshot = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  const lock = lockFrom(input, call);
  const old = isLocked(snapshot, call.now) ? snapshot.lock : undefined;
  if (old && stateOf(old, call.now) === 'compliance' && lock.expiresAt < old.expiresAt) {
    throw new ApiError('OperationNotPermitted', 'A lock in compliance mode can only be extended.');
  }
  const locked = {...snapshot, lock};
  call.changes.put('snapshot', locked);
  return view(locked, call.now);
};

export const unlockSnapshot: Handler<UnlockSnapshotRequest, UnlockSnapshotResult> = (input, call) => {
  const snapshot = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  if (!snapshot.lock || !isLocked(snapshot, call.now)) {
    throw new ApiError('IncorrectState', `The snapshot '${snapshot.id}' is not locked.`);
  }
  if (stateOf(snapshot.lock, call.now) === 'compliance') {
    throw new ApiError('OperationNotPermitted', 'A lock in compliance mode cannot be removed.');
  }
  call.changes.put('snapshot', {...snapshot, lock: undefined});
  return {SnapshotId: snapshot.id};
};

export const describeLockedSnapshots: Handler<
  DescribeLockedSnapshotsRequest,
  DescribeLockedSnapshotsResult
> = (input, call) => {
  const ids = given(input.SnapshotIds);
  const passes = compileFilters<Snapshot>(input.Filters, {
    'lock-state': ({lock}) => lock && stateOf(lock, call.now),
  });
  const snapshots = ids
    ? ids.map((id) => ownSnapshot(id, call))
    : where(call.store.all('snapshot', call.region), (snapshot) => isVisible(snapshot, call.now));
  const locked = where(snapshots, (snapshot) => snapshot.lock !== undefined && passes(snapshot));
  const {items, nextToken} = pageOf(locked, input, call, {ids});
  return {Snapshots: items.map((snapshot) => view(snapshot, call.now)), NextToken: nextToken};
};

/** Whether a lock forbids deletion now. */
export function isLocked({lock}: Snapshot, now: number): boolean {
  return lock !== undefined && now < lock.expiresAt;
}

function lockFrom(input: LockSnapshotRequest, {now}: Call): SnapshotLock {
  const mode = input.LockMode;
  if (mode !== 'governance' && mode !== 'compliance') {
    throw new ApiError('InvalidParameterValue', `Invalid value '${mode}' for LockMode.`);
  }
  if ((input.LockDuration === undefined) === (input.ExpirationDate === undefined)) {
    throw new ApiError('InvalidParameterCombination', 'Give either LockDuration or ExpirationDate.');
  }
  const coolOffHours = input.CoolOffPeriod;
  if (coolOffHours !== undefined && (mode === 'governance' || coolOffHours < 1 || coolOffHours > 72)) {
    throw new ApiError('InvalidParameterValue', 'CoolOffPeriod is 1 to 72 hours, in compliance mode only.');
  }
  const days = input.LockDuration ?? ((input.ExpirationDate?.getTime() ?? 0) - now) / DAY_MS;
  if (days <= 0 || days > MAX_DAYS) {
    throw new ApiError('InvalidParameterValue', `A lock lasts from 1 to ${MAX_DAYS} days.`);
  }
  return {
    mode,
    createdAt: now,
    coolOffHours,
    coolOffUntil: coolOffHours === undefined ? undefined : now + coolOffHours * HOUR_MS,
    expiresAt: Math.round(now + days * DAY_MS),
  };
}

function stateOf({mode, coolOffUntil, expiresAt}: SnapshotLock, now: number): LockState {
  if (now >= expiresAt) return 'expired';
  if (coolOffUntil !== undefined && now < coolOffUntil) return 'compliance-cooloff';
  return mode;
}

function view(snapshot: Snapshot, now: number): LockedSnapshotsInfo {
  const {lock} = snapshot;
  if (!lock) return {SnapshotId: snapshot.id};
  return {
    OwnerId: snapshot.owner,
    SnapshotId: snapshot.id,
    LockState: stateOf(lock, now),
    LockDuration: Math.round((lock.expiresAt - lock.createdAt) / DAY_MS),
    CoolOffPeriod: lock.coolOffHours,
    CoolOffPeriodExpiresOn: lock.coolOffUntil === undefined ? undefined : new Date(lock.coolOffUntil),
    LockCreatedOn: new Date(lock.createdAt),
    LockDurationStartTime: new Date(Math.max(lock.createdAt, snapshot.createdAt)),
    LockExpiresOn: new Date(lock.expiresAt),
  };
}
