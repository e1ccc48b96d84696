/** What mounting a snapshot is told, what it works with, and what it tells. */
import type {InstanceId, Region, SnapshotId, VolumeId} from '../../ec2/ids.ts';
import type {Instance} from '../../ec2/instances.ts';
import type {ReachedHost, TemporaryTools} from '../../temporary/temporary-tools.ts';

export interface MountSnapshotRequest {
  readonly region: Region;
  readonly snapshot: SnapshotId;
  /** A temporary one by default. */
  readonly instance?: InstanceId;
  readonly readOnly: boolean;
  /** The number of the partition, where there are several with a filesystem. */
  readonly partition?: number;
  /** May log in to a temporary instance, too: `ssh-ed25519 AAAA...`. */
  readonly authorisedKey?: string;
  readonly dryRun: boolean;
}

/** What the house gives to it. */
export interface MountTools extends TemporaryTools {
  /** The regions that configuration limits ftask to. */
  readonly regions: readonly string[];
  /** An instance that is there already, reached as configuration says. @throws UsageError */
  existingHost(instance: Instance): ReachedHost;
}

/** A snapshot that is mounted. */
export interface MountedSnapshot {
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  readonly instanceId: InstanceId;
  readonly volumeId: VolumeId;
  /** The device on the instance, of the partition if it is one. */
  readonly device: string;
  readonly filesystem: string;
  readonly mountPoint: string;
  readonly login: string;
  /** Of a temporary instance. */
  readonly hostKey?: string;
}
