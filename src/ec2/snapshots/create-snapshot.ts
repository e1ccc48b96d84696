/** One CreateSnapshot call of a volume that nobody else snapshots, made exactly once even when its answer is lost. */
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId, VolumeId} from '../ids.ts';
import {makeOnce} from '../scratch/make/make-once.ts';
import {askAgain} from '../scratch/patience.ts';
import {type Tags, tagList} from '../tags.ts';

export interface SnapshotRequest {
  readonly volume: VolumeId;
  readonly description: string;
  readonly tags: Tags;
}

export interface CreatePatience {
  /** How long to ask again while AWS has too many snapshots under way, milliseconds. */
  readonly timeoutMs: number;
  /** Ends that waiting, never the call itself. */
  readonly signal: AbortSignal;
  /** Called right before each request; if it throws, nothing is asked. */
  readonly before: () => void;
}

/** Refusals that end by themselves. */
const TOO_MANY = [
  'SnapshotCreationPerVolumeRateExceeded',
  'ConcurrentSnapshotLimitExceeded',
  'PendingSnapshotLimitExceeded',
];

/** Snapshots a temporary volume of ours: when an answer is lost, one of that volume is the one that was asked for. @throws Ec2Error; what `before` throws */
export function createSnapshot(
  ec2: Ec2,
  region: Region,
  {volume, description, tags}: SnapshotRequest,
  {timeoutMs, signal, before}: CreatePatience,
): Promise<SnapshotId> {
  const place = {ec2, region, signal};
  const input = {
    VolumeId: volume,
    Description: description,
    TagSpecifications: [{ResourceType: 'snapshot' as const, Tags: tagList(tags)}],
  };
  const make = async (): Promise<SnapshotId> => {
    const answer = await ec2.call(region, 'CreateSnapshot', input, signal, (send) => {
      before();
      return send();
    });
    return answer.SnapshotId as SnapshotId;
  };
  return makeOnce(
    place,
    () => askAgain(place, {codes: TOO_MANY, timeoutMs}, make),
    () => snapshotOfVolume(ec2, region, volume),
  );
}

async function snapshotOfVolume(ec2: Ec2, region: Region, volume: VolumeId): Promise<SnapshotId | undefined> {
  const Filters = [
    {Name: 'volume-id', Values: [volume]},
    {Name: 'status', Values: ['pending', 'completed']},
  ];
  const {Snapshots = []} = await ec2.call(region, 'DescribeSnapshots', {OwnerIds: ['self'], Filters});
  return Snapshots[0]?.SnapshotId as SnapshotId | undefined;
}
