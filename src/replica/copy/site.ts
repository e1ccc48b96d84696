/** What copies are made with, and how they are to be. */
import type {Ec2} from '../../ec2/client.ts';
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import type {Journal} from '../../journal/journal.ts';
import type {RunContext} from '../../runner/task.ts';
import type {Canary} from './canary.ts';
import type {CopyQueue} from './copy-queue.ts';

export interface CopyTools {
  readonly run: Pick<RunContext, 'runId' | 'signal' | 'progress'>;
  readonly ec2: Ec2;
  /** @throws RefusedError when it cannot be written */
  readonly journal: () => Promise<Journal>;
}

/** How copies are to be made. */
export interface CopyWish {
  /** The task that asks for them, for the journal. */
  readonly task: string;
  /** Copies under way into a region at a time, those of others counted. */
  readonly copiesPerRegion: number;
  readonly pollIntervalMs: number;
  /** For a copy to complete. */
  readonly timeoutMs: number;
  /** How often one that ended in error is made again. */
  readonly retries: number;
  readonly encrypted: boolean;
  /** Keys of KMS by destination. */
  readonly kmsKeys: Readonly<Record<string, string>>;
  /** Asks for time-based copies: the age that the data may have when its copy is complete. */
  readonly rpoMs?: number;
  /** Part of the blocks of each copy that is read and compared. */
  readonly verifyPercent: number;
}

/** What all copies into a region share. */
export interface CopySite extends CopyTools {
  readonly wish: CopyWish;
  readonly to: Region;
  readonly queue: CopyQueue;
  readonly kmsKey?: string;
  /** Told of a source that no copy can bring in time. */
  readonly onLate: (source: SnapshotId) => void;
  /** Where nobody could tell whether the key can be used. */
  readonly canary?: Canary;
}
