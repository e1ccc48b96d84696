/** One's own snapshots as retention sees them: with their tags, their tier and what AWS says of their size. */
import type {Filter, Snapshot as RawSnapshot} from '@aws-sdk/client-ec2';
import {type Ec2, pages} from '../client.ts';
import {filtersBy} from '../filters.ts';
import type {Region, SnapshotId} from '../ids.ts';
import {literal} from '../instances.ts';
import {type Tags, tagsOf} from '../tags.ts';
import {isDescribedByFabfile, NO_VOLUME} from './origin.ts';
import {type Snapshot, snapshotOf} from './snapshots.ts';

export interface OwnSnapshot extends Snapshot {
  readonly owner: string;
  readonly tags: Tags;
  readonly description: string;
  /** When AWS began to make it: of a copy that is later than the time of its data. */
  readonly startedMs: number;
  /** Of all blocks that it stands for; AWS tells it of completed ones. */
  readonly fullBytes?: number;
  readonly isArchived: boolean;
  readonly isEncrypted: boolean;
  /** The ARN of the key it is encrypted with. */
  readonly kmsKey?: string;
  /** It is known to be a copy: AWS has forgotten its volume, or ftask has copied it. */
  readonly isCopy: boolean;
  /** It has django_fabfile's description. */
  readonly hasFabfileDescription: boolean;
}

/** Every snapshot of the account in a region, in any state. */
export function ownSnapshots(ec2: Ec2, region: Region, signal?: AbortSignal): Promise<OwnSnapshot[]> {
  return listed(ec2, region, [], signal);
}

/** Those of the account that are under way in a region. */
export function pendingSnapshots(ec2: Ec2, region: Region, signal?: AbortSignal): Promise<OwnSnapshot[]> {
  return listed(ec2, region, [{Name: 'status', Values: ['pending']}], signal);
}

/** Those of the account in a region that ended in error. */
export function failedSnapshots(ec2: Ec2, region: Region, signal?: AbortSignal): Promise<OwnSnapshot[]> {
  return listed(ec2, region, [{Name: 'status', Values: ['error']}], signal);
}

/** Those that ftask's tags say are of a volume, wherever that is or was. */
export function snapshotsOfVolume(
  ec2: Ec2,
  region: Region,
  volume: string,
  signal?: AbortSignal,
): Promise<OwnSnapshot[]> {
  return listed(ec2, region, [{Name: 'tag:ftask:volume', Values: [literal(volume)]}], signal);
}

/** Those with this description. */
export function snapshotsDescribed(
  ec2: Ec2,
  region: Region,
  description: string,
  signal?: AbortSignal,
): Promise<OwnSnapshot[]> {
  return listed(ec2, region, [{Name: 'description', Values: [literal(description)]}], signal);
}

/** Those of these snapshots that are still there. */
export async function snapshotsById(
  ec2: Ec2,
  region: Region,
  ids: readonly SnapshotId[],
  signal?: AbortSignal,
): Promise<OwnSnapshot[]> {
  const found: OwnSnapshot[] = [];
  for (const filter of filtersBy('snapshot-id', ids)) {
    found.push(...(await listed(ec2, region, [filter], signal)));
  }
  return found;
}

async function listed(
  ec2: Ec2,
  region: Region,
  filters: Filter[],
  signal?: AbortSignal,
): Promise<OwnSnapshot[]> {
  // What changes while pages are read may stand on two of them.
  const found = new Map<string, OwnSnapshot>();
  const input = {OwnerIds: ['self'], ...(filters.length > 0 && {Filters: filters})};
  for await (const page of pages(ec2, region, 'DescribeSnapshots', input, signal)) {
    for (const raw of page.Snapshots ?? []) found.set(raw.SnapshotId ?? '', ownSnapshotOf(raw));
  }
  return [...found.values()];
}

function ownSnapshotOf(raw: RawSnapshot): OwnSnapshot {
  const snapshot = snapshotOf(raw);
  return {
    ...snapshot,
    owner: raw.OwnerId ?? '',
    tags: tagsOf(raw.Tags),
    description: raw.Description ?? '',
    startedMs: raw.StartTime?.getTime() ?? snapshot.origin.timeMs,
    ...(raw.FullSnapshotSizeInBytes !== undefined && {fullBytes: raw.FullSnapshotSizeInBytes}),
    isArchived: raw.StorageTier === 'archive',
    isEncrypted: raw.Encrypted === true,
    ...(raw.KmsKeyId !== undefined && {kmsKey: raw.KmsKeyId}),
    isCopy: raw.VolumeId === NO_VOLUME || snapshot.origin.sourceSnapshot !== undefined,
    hasFabfileDescription: isDescribedByFabfile(raw.Description),
  };
}
