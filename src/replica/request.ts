/** What replication is asked to do, what it works with, and what it tells of each snapshot. */
import type {Ec2} from '../ec2/client.ts';
import type {Region} from '../ec2/ids.ts';
import type {RunContext} from '../runner/task.ts';
import type {Method} from './method.ts';

export interface ReplicationTools {
  readonly run: RunContext;
  readonly ec2: Ec2;
  readonly method: Method;
  readonly locking: Locking;
}

/** How others are kept from doing the same at the same time. */
export interface Locking {
  /** How long after the last sign of life of a run others take over. */
  readonly expiryMs: number;
  /** `ssh-ed25519 AAAA...` of a pair whose private key nobody has. */
  readonly publicKey: string;
  /** MiB a second, after which a volume that django_fabfile left is no longer respected. */
  readonly speed: number;
}

/** A tag that chooses snapshots. */
export interface ChosenBy {
  readonly name: string;
  readonly value: string;
}

/** All that carry a tag. */
export interface RegionRequest {
  readonly from: readonly Region[];
  readonly to: Region;
  readonly tag: ChosenBy;
  /** Only what was born in the region it is in. */
  readonly nativeOnly: boolean;
  /** Tells what would be made; no call that changes anything. */
  readonly dryRun: boolean;
}

/** What became of one snapshot, or would. */
export interface ReplicatedSnapshot {
  readonly sourceSnapshot: string;
  /** The replica; null where there is none yet. */
  readonly snapshotId: string | null;
  readonly volumeId: string;
  readonly from: Region;
  readonly to: Region;
  readonly method: Method['name'];
  readonly sizeGiB: number;
  /** Transferred, where that is known. */
  readonly bytes: number | null;
  /** Of all blocks of the source, where AWS tells it. */
  readonly fullBytes: number | null;
  /** Of the data: ISO 8601, UTC. */
  readonly time: string;
  /** How old the data is that waits for a replica, such as `3d`; null where there is one. */
  readonly waits: string | null;
  /** That it took; null where nothing was made. */
  readonly seconds: number | null;
  readonly state: 'copied' | 'adopted' | 'present' | 'would copy' | 'would adopt';
  readonly note: string | null;
}
