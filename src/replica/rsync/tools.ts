/** What the method rsync works with, and what it is told. */
import type {InstanceId, Region} from '../../ec2/ids.ts';
import type {Instance} from '../../ec2/instances.ts';
import type {Journal} from '../../journal/journal.ts';
import type {TemporaryTools} from '../../temporary/temporary-tools.ts';
import type {End, Way} from '../trees/channel.ts';

/** What the house gives to it. */
export interface RsyncTools extends TemporaryTools {
  /** An instance of the operator's, reached as configuration says; the caller closes its host. @throws UsageError */
  existing(instance: Instance, region: Region): Promise<End>;
  /** @throws RefusedError when it cannot be written */
  journal(): Promise<Journal>;
}

export interface RsyncWish {
  /** The task that asks, for the journal. */
  readonly task: string;
  /** Running instances of the operator's; temporary ones by default. */
  readonly sourceInstance?: InstanceId;
  readonly targetInstance?: InstanceId;
  /** Direct where that is possible, by default. */
  readonly way?: Way;
  /** Patterns of rsync. */
  readonly excludes: readonly string[];
  /** Encrypt all; what comes of an encrypted source is in any case. */
  readonly encrypted: boolean;
  /** By region. */
  readonly kmsKeys: Readonly<Record<string, string>>;
  readonly pollIntervalMs: number;
  /** How long a snapshot may take to complete. */
  readonly timeoutMs: number;
  /** How often a snapshot that ended in error is made again. */
  readonly retries: number;
}
