/** Waits for many snapshots of a region with one listing a tick. */
import {FtaskError} from '../../errors.ts';
import type {Ec2} from '../client.ts';
import type {Region, SnapshotId} from '../ids.ts';
import {type Snapshot, snapshotsOfRun} from './snapshots.ts';

export interface PollerOptions {
  readonly run: string;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** A snapshot that ended in anything but `completed`. */
export class SnapshotFailed extends FtaskError {
  readonly snapshot: SnapshotId;

  constructor(code: string, snapshot: SnapshotId, message: string, hint?: string) {
    super(code, `${snapshot} ${message}`, {hint});
    this.snapshot = snapshot;
  }
}

interface Waiter {
  readonly id: SnapshotId;
  readonly since: number;
  readonly timeoutMs: number;
  readonly onProgress: (progress: string) => void;
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (error: unknown) => void;
}

/** A new snapshot may be missing from listings for this long. Source: "Eventual consistency in the Amazon EC2 API". */
const MAY_BE_INVISIBLE_MS = 120_000;

/** Follows the snapshots of one run in one region. It asks only while somebody waits. */
export class SnapshotPoller {
  readonly #ec2: Ec2;
  readonly #region: Region;
  readonly #options: PollerOptions;
  readonly #waiters = new Map<SnapshotId, Waiter>();
  #polling = false;

  constructor(ec2: Ec2, region: Region, options: PollerOptions) {
    this.#ec2 = ec2;
    this.#region = region;
    this.#options = options;
  }

  /**
   * Resolves when the snapshot is completed.
   * @throws SnapshotFailed with AWS's StateMessage when it ends otherwise, is gone, or takes longer than
   *   `timeoutMs`; any error of the listing itself fails all that wait, at once
   */
  completed(id: SnapshotId, timeoutMs: number, onProgress: (progress: string) => void): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, {id, since: this.#ec2.clock.now(), timeoutMs, onProgress, resolve, reject});
      if (!this.#polling) void this.#poll();
    });
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    try {
      while (this.#waiters.size > 0) {
        await this.#ec2.clock.sleep(this.#options.intervalMs, this.#options.signal);
        const listed = await snapshotsOfRun(this.#ec2, this.#region, this.#options.run, this.#options.signal);
        const byId = new Map(listed.map((snapshot) => [snapshot.id, snapshot]));
        for (const waiter of [...this.#waiters.values()]) this.#judge(waiter, byId.get(waiter.id));
      }
    } catch (error) {
      for (const waiter of this.#waiters.values()) waiter.reject(error);
      this.#waiters.clear();
    } finally {
      this.#polling = false;
    }
  }

  #judge(waiter: Waiter, snapshot: Snapshot | undefined): void {
    const waitedMs = this.#ec2.clock.now() - waiter.since;
    const verdict = snapshot ? verdictOn(snapshot, waitedMs, waiter) : verdictOnMissing(waitedMs, waiter);
    if (verdict === undefined) {
      if (snapshot) waiter.onProgress(snapshot.progress);
      return;
    }
    this.#waiters.delete(waiter.id);
    if (verdict instanceof SnapshotFailed) waiter.reject(verdict);
    else waiter.resolve(verdict);
  }
}

/** Completed or failed; nothing while it may still become either. */
function verdictOn(
  snapshot: Snapshot,
  waitedMs: number,
  waiter: Waiter,
): Snapshot | SnapshotFailed | undefined {
  if (snapshot.state === 'completed') return snapshot;
  if (snapshot.state === 'pending') {
    if (waitedMs < waiter.timeoutMs) return undefined;
    const minutes = Math.round(waiter.timeoutMs / 60_000);
    return new SnapshotFailed(
      'SnapshotTimeout',
      snapshot.id,
      `is not complete after ${minutes} minutes (${snapshot.progress || 'no progress told'})`,
      'It may still complete; raise snapshot.timeout if volumes of this size need longer.',
    );
  }
  const reason = snapshot.stateMessage ?? 'AWS gives no reason';
  return new SnapshotFailed('SnapshotError', snapshot.id, `ended in state ${snapshot.state}: ${reason}`);
}

function verdictOnMissing(waitedMs: number, waiter: Waiter): SnapshotFailed | undefined {
  if (waitedMs < MAY_BE_INVISIBLE_MS) return undefined;
  return new SnapshotFailed('SnapshotGone', waiter.id, 'is gone', 'Somebody deleted it while it was made.');
}
