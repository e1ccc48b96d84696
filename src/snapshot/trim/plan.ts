/** What a trim means to keep and to delete, and why: made once, then shown, written to a file, carried out. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import type {SnapshotState} from '../../ec2/snapshots/snapshots.ts';
import type {TrimSettings} from './settings.ts';

export interface PlannedSnapshot {
  readonly id: SnapshotId;
  /** The point in time of its data. */
  readonly timeMs: number;
  readonly state: SnapshotState;
  readonly sizeGiB: number;
  readonly fullBytes?: number;
  readonly set?: string;
  readonly verdict: 'keep' | 'delete';
  /** In words: for a delete, of every rule why it does not keep it. */
  readonly reasons: readonly string[];
  /** It was never a candidate. */
  readonly isHeld: boolean;
}

/** The snapshots in one region of one volume, as it was when the data was born. */
export interface LineagePlan {
  readonly volume: string;
  readonly instance?: string;
  /** Its newest snapshot's Name tag. */
  readonly name?: string;
  readonly device?: string;
  readonly bornIn: Region;
  readonly isReplica: boolean;
  /** As text. */
  readonly policy: string;
  /** Oldest first. */
  readonly snapshots: readonly PlannedSnapshot[];
}

/** A snapshot that is none of ours, and how one knows. */
export interface OtherSnapshot {
  readonly id: SnapshotId;
  readonly reason: string;
}

export interface RegionPlan {
  readonly region: Region;
  readonly lineages: readonly LineagePlan[];
  readonly others: readonly OtherSnapshot[];
}

export interface TrimPlan {
  /** Whose snapshots they are; empty where there are none. */
  readonly account: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly settings: TrimSettings;
  readonly regions: readonly RegionPlan[];
}
