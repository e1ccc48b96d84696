/** One CopySnapshot call from another region, made exactly once even when its answer is lost. */
import type {CopySnapshotCommandInput} from '@aws-sdk/client-ec2';
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';
import {makeOnce} from '../scratch/make/make-once.ts';
import {type Tags, tagList} from '../tags.ts';

export interface CopyRequest {
  readonly source: SnapshotId;
  readonly from: Region;
  readonly description: string;
  /** With `ftask:source-snapshot` and `ftask:run`: by both a copy is found whose answer was lost. */
  readonly tags: Tags;
  /** What is encrypted already stays so in any case. */
  readonly encrypted: boolean;
  /** The region's default otherwise. Asks for encryption, too. */
  readonly kmsKey?: string;
  /** Of a time-based copy, a multiple of 15. */
  readonly minutes?: number;
}

export interface CopyCare {
  /** Copies of this source that the run has made before. */
  readonly known: ReadonlySet<SnapshotId>;
  /** Called right before each request; if it throws, nothing is asked. */
  readonly before: () => void;
  /** Ends the wait for its turn, not the call itself. */
  readonly signal: AbortSignal;
}

/** Starts a copy into a region; it is pending then. @throws Ec2Error; what `before` throws */
export function copySnapshot(
  ec2: Ec2,
  region: Region,
  request: CopyRequest,
  {known, before, signal}: CopyCare,
): Promise<SnapshotId> {
  const input = inputOf(request);
  return makeOnce(
    {ec2, region},
    async () => {
      const {SnapshotId} = await ec2.call(region, 'CopySnapshot', input, signal, (send) => {
        before();
        return send();
      });
      return SnapshotId as SnapshotId;
    },
    () => lostCopy(ec2, region, request, known),
  );
}

function inputOf(request: CopyRequest): CopySnapshotCommandInput {
  const {source, from, description, tags, encrypted, kmsKey, minutes} = request;
  return {
    SourceSnapshotId: source,
    SourceRegion: from,
    ...(description !== '' && {Description: description}),
    TagSpecifications: [{ResourceType: 'snapshot', Tags: tagList(tags)}],
    ...((encrypted || kmsKey !== undefined) && {Encrypted: true}),
    ...(kmsKey !== undefined && {KmsKeyId: kmsKey}),
    ...(minutes !== undefined && {CompletionDurationMinutes: minutes}),
  };
}

async function lostCopy(
  ec2: Ec2,
  region: Region,
  {source, tags}: CopyRequest,
  known: ReadonlySet<SnapshotId>,
): Promise<SnapshotId | undefined> {
  const Filters = [
    {Name: 'tag:ftask:source-snapshot', Values: [source]},
    {Name: 'tag:ftask:run', Values: [tags['ftask:run'] ?? '']},
  ];
  const {Snapshots = []} = await ec2.call(region, 'DescribeSnapshots', {OwnerIds: ['self'], Filters});
  return Snapshots.map(({SnapshotId}) => SnapshotId as SnapshotId).find((id) => !known.has(id));
}
