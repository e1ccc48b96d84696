/** What a backup is asked to do, and what it tells of each volume. */
import type {Ec2} from '../ec2/client.ts';
import type {InstanceId, Region} from '../ec2/ids.ts';
import type {Consistency} from '../ec2/snapshots/origin.ts';
import type {SnapshotState} from '../ec2/snapshots/snapshots.ts';
import type {Tags} from '../ec2/tags.ts';
import type {ItemFailure} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';
import type {ReachedFilesystem} from './consistency/reached.ts';
import type {ConsistencyRequest} from './consistency/request.ts';

/** Which instances: the one with this id, or all that carry this tag. */
export type Selection =
  | {readonly instance: InstanceId}
  | {readonly tag: {readonly name: string; readonly value: string}; readonly only?: 'one'};

export interface BackupRequest {
  readonly regions: readonly Region[];
  readonly selection: Selection;
  readonly excludeBoot: boolean;
  readonly excludeDevices: readonly string[];
  /** Instead of django_fabfile's JSON. */
  readonly description?: string;
  /** Beside the instance's and the volumes' own. */
  readonly tags: Tags;
  /** Waits until the snapshots are complete, and makes those again that end in `error`. */
  readonly synchronously: boolean;
  /** How often a set that ended in `error` is made again. */
  readonly retries: number;
  /** For a snapshot to complete, and for AWS's limits on a volume to let it start. */
  readonly timeoutMs: number;
  readonly pollIntervalMs: number;
  /** Stops starting instances after as many failed. */
  readonly maxFailures?: number;
  /** No instance at all is fine. */
  readonly allowEmpty: boolean;
  /** Tells what would be done; no call that changes anything. */
  readonly dryRun: boolean;
  /** Holds each instance still while its snapshots are made. */
  readonly consistent?: ConsistencyRequest;
}

/** One volume, backed up, or planned to be. */
export interface VolumeBackup {
  /** None in a dry run. */
  readonly snapshotId: string | null;
  readonly volumeId: string;
  readonly instanceId: string;
  readonly device: string;
  readonly region: string;
  readonly set: string;
  readonly state: SnapshotState | 'planned';
  readonly consistency: Consistency;
  /** Point in time, ISO 8601, UTC. */
  readonly time: string;
  readonly sizeGiB: number;
  /** How long filesystems of the instance were frozen, by its own clock; null when none was. */
  readonly frozenMs?: number | null;
  /** What became of the filesystems on the volume; only where a freeze was asked for. */
  readonly filesystems?: readonly FilesystemState[];
}

export type FilesystemState = Pick<ReachedFilesystem, 'mountPoint' | 'type' | 'state' | 'why'>;

/** What all regions of a run share. */
export interface Backup {
  readonly run: RunContext;
  readonly ec2: Ec2;
  readonly request: BackupRequest;
  readonly failures: ItemFailure[];
}
