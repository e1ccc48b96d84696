/** Waits for one snapshot by its id, whoever made it. */
import type {Ec2} from '../client.ts';
import {isTransient} from '../errors.ts';
import type {Region, SnapshotId} from '../ids.ts';
import {type OwnSnapshot, snapshotsById} from './own-snapshots.ts';

export interface AwaitOptions {
  /** Between two looks, milliseconds of EC2's clock. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** As AWS words it: `42%`. */
  readonly onProgress: (progress: string) => void;
}

/** A new snapshot may be missing from listings for this long. Source: "Eventual consistency in the Amazon EC2 API". */
const MAY_BE_INVISIBLE_MS = 120_000;

/**
 * The snapshot when it is no longer pending, or as it is when the time is over; undefined when it is gone. What fails of
 * itself while it looks is no failure of the snapshot, and ends nothing before the time is over. @throws Ec2Error
 */
export async function awaitSnapshot(
  ec2: Ec2,
  region: Region,
  id: SnapshotId,
  {intervalMs, timeoutMs, signal, onProgress}: AwaitOptions,
): Promise<OwnSnapshot | undefined> {
  const startedMs = ec2.clock.now();
  for (;;) {
    const waitedMs = ec2.clock.now() - startedMs;
    try {
      const [snapshot] = await snapshotsById(ec2, region, [id], signal);
      if (!snapshot && waitedMs > MAY_BE_INVISIBLE_MS) return undefined;
      if (snapshot && (snapshot.state !== 'pending' || waitedMs > timeoutMs)) return snapshot;
      if (snapshot) onProgress(snapshot.progress);
    } catch (error) {
      if (!isTransient(error) || waitedMs > timeoutMs) throw error;
    }
    await ec2.clock.sleep(intervalMs, signal);
  }
}
