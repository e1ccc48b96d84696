/** What a trim is asked to do, and what it tells of each snapshot. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import type {TrimPlan} from './plan.ts';
import type {TrimSettings} from './settings.ts';

export interface TrimRequest {
  readonly regions: readonly Region[];
  /** Where copies of what is in `regions` may be on their way to. */
  readonly copyRegions: readonly Region[];
  readonly settings: TrimSettings;
  /** Tells what would be deleted; no call that changes anything. */
  readonly dryRun: boolean;
  /** Where the plan is written to. */
  readonly planFile?: string;
  /** An earlier plan: only what it and a plan made now both delete is deleted. */
  readonly agreedOn?: TrimPlan;
}

/** A snapshot that was deleted, or would be. */
export interface TrimmedSnapshot {
  readonly snapshotId: SnapshotId;
  /** The volume that the data was born on. */
  readonly volumeId: string;
  readonly region: Region;
  /** The point in time of its data, ISO 8601, UTC. */
  readonly time: string;
  /** At the time of the plan: `93d`. */
  readonly age: string;
  readonly sizeGiB: number;
  /** Of all blocks that it stood for; null where AWS does not tell. */
  readonly fullBytes: number | null;
  readonly why: string;
  readonly state: 'deleted' | 'would delete' | 'kept';
  readonly instanceId: string | null;
  readonly device: string | null;
  readonly bornIn: Region;
  readonly isReplica: boolean;
  readonly policy: string;
}
