/** When a volume may be snapshotted, and the snapshot that comes of it. */
import type {Call} from '../api/call.ts';
import type {Snapshot, Tags, Volume} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

const MAX_DESCRIPTION = 255;
const ONE_AT_A_TIME: readonly string[] = ['st1', 'sc1'];

/**
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-creating-snapshot.html and the error codes' table.
 * @throws ApiError IncorrectState, ConcurrentSnapshotLimitExceeded, SnapshotCreationPerVolumeRateExceeded
 */
export function checkVolume(volume: Volume, call: Call): void {
  const {quotas} = call.world.fleet;
  if (call.now < volume.availableAt) {
    throw new ApiError(
      'IncorrectState',
      `The volume '${volume.id}' is not in a state that can be snapshotted.`,
    );
  }
  const own = call.store.snapshotsOf(call.region, volume.id).filter(({copyOf}) => copyOf === undefined);
  const allowed = ONE_AT_A_TIME.includes(volume.type) ? 1 : quotas.pending_snapshots_per_volume;
  if (own.filter(({completesAt}) => completesAt > call.now).length >= allowed) {
    throw new ApiError(
      'ConcurrentSnapshotLimitExceeded',
      `Maximum allowed in-progress snapshots for a single volume exceeded: ${volume.id}`,
    );
  }
  const gapMs = quotas.seconds_between_snapshots_of_a_volume * 1000;
  if (own.some(({createdAt}) => call.now - createdAt < gapMs)) {
    throw new ApiError(
      'SnapshotCreationPerVolumeRateExceeded',
      `The maximum per volume CreateSnapshot request rate has been exceeded for ${volume.id}. Use an increasing or variable sleep interval between requests.`,
    );
  }
}

/** The region's own limits, for `count` more snapshots. @throws ApiError */
export function checkRegion(count: number, call: Call): void {
  const {pending_snapshots_per_region: pending, snapshots_per_region: total} = call.world.fleet.quotas;
  if (pending !== null && call.store.pendingSnapshots(call.region, call.now).length + count > pending) {
    throw new ApiError(
      'PendingSnapshotLimitExceeded',
      `You have exceeded the limit of ${pending} pending snapshots.`,
    );
  }
  if (call.store.count('snapshot', call.region) + count > total) {
    throw new ApiError('SnapshotLimitExceeded', `You have exceeded the limit of ${total} snapshots.`);
  }
}

/** @throws ApiError InvalidParameterValue */
export function checkDescription(description: string | undefined): string {
  if ([...(description ?? '')].length <= MAX_DESCRIPTION) return description ?? '';
  throw new ApiError(
    'InvalidParameterValue',
    `The description exceeds the maximum of ${MAX_DESCRIPTION} characters`,
  );
}

/** A pending snapshot of a volume, not yet put anywhere. */
export function snapshotOf(volume: Volume, description: string, tags: Tags, call: Call): Snapshot {
  return {
    ...call.born('snap', tags),
    volumeId: volume.id,
    lineage: volume.id,
    sizeGiB: volume.sizeGiB,
    description,
    encrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    beginsAt: call.now,
    completesAt: call.now + call.between(call.world.fleet.timing.snapshot_seconds),
    failure: call.snapshotFailure,
    sharedWith: [],
    isPublic: false,
  };
}
