/** CopySnapshot within and across regions. */
import type {CopySnapshotRequest, CopySnapshotResult} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find, notFound} from '../api/find.ts';
import {tagSet, tagsFor} from '../api/tag-rules.ts';
import {defaultKey} from '../fleet/seed.ts';
import {findKey, isUsable} from '../keys/keys.ts';
import {NO_VOLUME, type Snapshot} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';
import {isGoodUrl} from './presigned-url.ts';
import {checkDescription, checkRegion} from './snapshot-rules.ts';
import {maySee, snapshotState} from './snapshot-view.ts';

const LONGEST_MINUTES = 2880;

/** A copy has its own start time, none of the source's tags, and may fail long after it was accepted. */
export const copySnapshot: Handler<CopySnapshotRequest, CopySnapshotResult> = (input, call) => {
  const tags = tagsFor(input.TagSpecifications, 'snapshot');
  const description = checkDescription(input.Description);
  const completionMinutes = checkMinutes(input.CompletionDurationMinutes);
  const {fleet} = call.world;
  const sourceRegion = required(input.SourceRegion, 'SourceRegion');
  if (!fleet.regions[sourceRegion]?.opted_in) {
    throw new ApiError('InvalidRegion', `The region '${sourceRegion}' does not exist or is not enabled.`);
  }
  if (input.DestinationRegion !== undefined && input.DestinationRegion !== call.region) {
    throw new ApiError(
      'InvalidParameterValue',
      `The destination region must be ${call.region}, where the call is made.`,
    );
  }
  if (input.KmsKeyId !== undefined && input.Encrypted !== true) {
    throw new ApiError('InvalidParameterDependency', 'KmsKeyId requires Encrypted to be true.');
  }
  const source = copyable(required(input.SourceSnapshotId, 'SourceSnapshotId'), sourceRegion, call);
  if (source.encrypted && sourceRegion !== call.region && !input.PresignedUrl) {
    throw new ApiError(
      'MissingParameter',
      'The request must contain the parameter PresignedUrl to copy an encrypted snapshot from another region',
    );
  }
  const copies = call.store.pendingSnapshots(call.region, call.now).filter(({copyOf}) => copyOf);
  if (copies.length >= fleet.quotas.pending_copies_per_region) {
    throw new ApiError(
      'ResourceLimitExceeded',
      `The limit of ${fleet.quotas.pending_copies_per_region} concurrent snapshot copies to ${call.region} is reached.`,
    );
  }
  checkRegion(1, call);
  const encrypted = source.encrypted || input.Encrypted === true || isEncryptedByDefault(call);
  // A second copy of one line starts only after the first has finished.
  const sameLine = copies.filter(({lineage}) => lineage === source.lineage);
  const beginsAt = Math.max(call.now, ...sameLine.map(({completesAt}) => completesAt));
  const copy: Snapshot = {
    ...call.born('snap', tags),
    volumeId: NO_VOLUME,
    lineage: source.lineage,
    copyOf: {region: sourceRegion, id: source.id},
    sizeGiB: source.sizeGiB,
    description,
    encrypted,
    kmsKeyId: encrypted ? keyArn(input.KmsKeyId, call) : undefined,
    beginsAt,
    completesAt: beginsAt + Math.min(call.between(fleet.timing.copy_seconds), withinMs(completionMinutes)),
    failure: call.snapshotFailure ?? keyFailure(input.KmsKeyId, call) ?? urlFailure(input, source, call),
    completionMinutes,
    content: source.content ?? source.id,
    isFlawed: source.isFlawed || call.isFlawed,
    sharedWith: [],
    isPublic: false,
  };
  call.changes.put('snapshot', copy);
  return {SnapshotId: copy.id, Tags: tagSet(tags)};
};

function copyable(id: string, region: string, call: Call): Snapshot {
  const source = find('snapshot', id, call, region);
  if (!maySee(source, call.account)) throw notFound('snapshot', id);
  const state = snapshotState(source, call.now);
  if (state !== 'completed') {
    throw new ApiError(
      'IncorrectState',
      `The snapshot '${id}' is ${state}; only a completed one can be copied.`,
    );
  }
  if (source.archivedAt === undefined) return source;
  throw new ApiError('IncorrectState', `The snapshot '${id}' is archived and cannot be copied.`);
}

function isEncryptedByDefault({world, region}: Call): boolean {
  return world.fleet.regions[region]?.encryption_by_default === true;
}

/** As the copy shows it, be there such a key or not. */
function keyArn(name: string | undefined, {world, region, account}: Call): string {
  if (name === undefined) return defaultKey(region, account);
  return findKey(name, region, world.fleet)?.arn ?? name;
}

/** AWS accepts any key and finds out later. */
function keyFailure(name: string | undefined, {world, region}: Call): string | undefined {
  if (name === undefined) return undefined;
  const key = findKey(name, region, world.fleet);
  return key && isUsable(key) ? undefined : 'Given key ID is not accessible';
}

/** An improper URL, too, is found out later. */
function urlFailure(
  {PresignedUrl: url}: CopySnapshotRequest,
  {encrypted, region: sourceRegion, id: snapshotId}: Snapshot,
  {region}: Call,
): string | undefined {
  if (!encrypted || sourceRegion === region || url === undefined) return undefined;
  return isGoodUrl(url, {sourceRegion, snapshotId, region}) ? undefined : 'The PresignedUrl is invalid';
}

/** What was asked for is kept, however slow copies are. */
function withinMs(minutes: number | undefined): number {
  return minutes === undefined ? Number.POSITIVE_INFINITY : minutes * 60_000;
}

function checkMinutes(minutes: number | undefined): number | undefined {
  if (minutes === undefined || (minutes >= 15 && minutes <= LONGEST_MINUTES && minutes % 15 === 0))
    return minutes;
  throw new ApiError(
    'InvalidParameterValue',
    `CompletionDurationMinutes must be a multiple of 15 from 15 to ${LONGEST_MINUTES}, not ${minutes}.`,
  );
}
