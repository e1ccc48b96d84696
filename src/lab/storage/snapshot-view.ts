/** A snapshot as it looks at a moment: its state, its progress and who may see it. */
import type {Snapshot as Answer} from '@aws-sdk/client-ec2';
import {tagSet} from '../api/tag-rules.ts';
import type {Snapshot} from '../state/entities.ts';

/** The state that time alone decides. */
export function snapshotState(
  {completesAt, failure, recoveredAt}: Snapshot,
  now: number,
): 'pending' | 'completed' | 'error' | 'recovering' {
  if (now < completesAt) return 'pending';
  if (recoveredAt !== undefined && now < recoveredAt) return 'recovering';
  return failure === undefined ? 'completed' : 'error';
}

/** What part of it is done, as EC2 writes it. */
export function snapshotProgress(snapshot: Snapshot, now: number): string {
  if (snapshotState(snapshot, now) === 'completed') return '100%';
  const {beginsAt, completesAt} = snapshot;
  const share = (Math.min(now, completesAt) - beginsAt) / Math.max(1, completesAt - beginsAt);
  return `${Math.min(99, Math.max(0, Math.floor(share * 100)))}%`;
}

/** Whether an account may see it: its own, what is shared with it, and what is public. */
export function maySee(snapshot: Snapshot, account: string): boolean {
  return snapshot.owner === account || snapshot.isPublic || snapshot.sharedWith.includes(account);
}

/** A snapshot as DescribeSnapshots answers with it. */
export function snapshotView(snapshot: Snapshot, now: number): Answer {
  const state = snapshotState(snapshot, now);
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    State: state,
    StateMessage: state === 'error' ? snapshot.failure : undefined,
    StartTime: new Date(snapshot.createdAt),
    CompletionTime: state === 'completed' ? new Date(snapshot.completesAt) : undefined,
    Progress: snapshotProgress(snapshot, now),
    OwnerId: snapshot.owner,
    Description: snapshot.description,
    VolumeSize: snapshot.sizeGiB,
    FullSnapshotSizeInBytes: state === 'completed' ? snapshot.sizeGiB * 2 ** 29 : undefined,
    Encrypted: snapshot.encrypted,
    KmsKeyId: snapshot.kmsKeyId,
    StorageTier: snapshot.archivedAt !== undefined && snapshot.archivedAt <= now ? 'archive' : 'standard',
    TransferType: snapshot.completionMinutes === undefined ? undefined : 'time-based',
    CompletionDurationMinutes: snapshot.completionMinutes,
    Tags: tagSet(snapshot.tags),
  };
}
