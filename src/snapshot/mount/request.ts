/** What mounting a snapshot is told, what it works with, and what it tells. */
import type {Ec2} from '../../ec2/client.ts';
import type {InstanceId, Region, SnapshotId, VolumeId} from '../../ec2/ids.ts';
import type {Instance} from '../../ec2/instances.ts';
import type {Host} from '../../host/host.ts';
import type {RunContext} from '../../runner/task.ts';
import type {Secret} from '../../secret.ts';

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

/** Temporary instances as the configuration has them. */
export interface TemporaryWish {
  readonly image?: string;
  readonly user: string;
  readonly type: string;
  readonly subnet?: string;
  /** Ranges of addresses; this machine's own when empty. */
  readonly openTo: readonly string[];
  readonly expiryMs: number;
}

/** A host with how an operator logs in to it, `admin@203.0.113.7`. */
export interface ReachedHost {
  readonly host: Host;
  readonly login: string;
}

/** What the house gives to it. */
export interface MountTools {
  readonly run: Pick<RunContext, 'runId' | 'clock' | 'signal' | 'undo' | 'progress'>;
  readonly ec2: Ec2;
  readonly temporary: TemporaryWish;
  /** The regions that configuration limits ftask to. */
  readonly regions: readonly string[];
  keyPair(comment: string): {readonly privateKey: Secret; readonly publicKey: string};
  /** A host that only we know; closed at the end of the run. */
  temporaryHost(access: TemporaryAccess): Host;
  /** An instance that is there already, reached as configuration says. @throws UsageError */
  existingHost(instance: Instance): ReachedHost;
}

export interface TemporaryAccess {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
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
