/** The copies under way into one region: at most as many as AWS makes at a time, and a free place is taken at once. */
import type {Ec2} from '../../ec2/client.ts';
import {isTransient} from '../../ec2/errors.ts';
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {hasCode} from '../../ec2/scratch/patience.ts';
import {type OwnSnapshot, pendingSnapshots, snapshotsById} from '../../ec2/snapshots/own-snapshots.ts';

export interface CopyQueueOptions {
  /** Copies under way at a time, those of others counted. */
  readonly limit: number;
  /** Between two looks, milliseconds of EC2's clock. */
  readonly intervalMs: number;
  /** For how long one copy is looked at. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told what the operator should know. */
  readonly note: (text: string) => void;
}

interface Follower {
  readonly sinceMs: number;
  /** AWS's words: `42%`. */
  readonly onProgress: (progress: string) => void;
  readonly resolve: (snapshot: OwnSnapshot | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Claimant {
  readonly turn: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A new snapshot may be missing from listings for this long. Source: "Eventual consistency in the Amazon EC2 API". */
const MAY_BE_INVISIBLE_MS = 120_000;
/** Looks in a row that may fail while AWS or the network is away: copies need nobody to look at them. */
const MOST_FAILED_LOOKS = 20;

export class CopyQueue {
  readonly #ec2: Ec2;
  readonly #region: Region;
  readonly #options: CopyQueueOptions;
  readonly #followers = new Map<SnapshotId, Follower>();
  /** Who waits for a place, in order: who was refused is in front again. */
  readonly #claimants: Claimant[] = [];
  #turns = 0;
  /** Places of those whose call is under way. */
  #starting = 0;
  /** All copies into the region that the last look saw under way; unknown before the first look. */
  #pending: ReadonlySet<SnapshotId> | undefined;
  #isLooking = false;
  /** AWS has refused the last one: there are more under way than are seen. */
  #isRefused = false;
  #hasTold = false;

  constructor(ec2: Ec2, region: Region, options: CopyQueueOptions) {
    this.#ec2 = ec2;
    this.#region = region;
    this.#options = options;
  }

  /**
   * Starts a copy as soon as there is a place, and follows it. @throws what `create` throws, unless it is AWS's refusal to
   * make more copies at a time, which is waited for; what `follow` throws
   */
  async copy(
    create: () => Promise<SnapshotId>,
    onProgress: (progress: string) => void,
  ): Promise<OwnSnapshot | undefined> {
    const turn = this.#turns;
    this.#turns += 1;
    for (;;) {
      await this.#place(turn);
      const started = await this.#start(create, onProgress);
      if (started) return started.ended;
    }
  }

  /**
   * Resolves with the copy when it has ended, still pending when the time is over, or with nothing when it is gone.
   * @throws the signal's reason; Ec2Error
   */
  follow(id: SnapshotId, onProgress: (progress: string) => void): Promise<OwnSnapshot | undefined> {
    return new Promise((resolve, reject) => {
      this.#followers.set(id, {sinceMs: this.#ec2.clock.now(), onProgress, resolve, reject});
      void this.#keepLooking();
    });
  }

  /** The first in the row gets a place when there is one. */
  #place(turn: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const after = this.#claimants.findIndex((one) => one.turn > turn);
      this.#claimants.splice(after < 0 ? this.#claimants.length : after, 0, {turn, resolve, reject});
      if (!this.#isRefused) this.#grant();
      void this.#keepLooking();
    });
  }

  /** Undefined when AWS makes no more copies at a time. */
  async #start(
    create: () => Promise<SnapshotId>,
    onProgress: (progress: string) => void,
  ): Promise<{readonly ended: Promise<OwnSnapshot | undefined>} | undefined> {
    try {
      const id = await create();
      this.#isRefused = false;
      // It is followed from this moment on, so that its place is never free in between.
      return {ended: this.follow(id, onProgress)};
    } catch (error) {
      if (!hasCode(error, ['ResourceLimitExceeded'])) throw error;
      if (!this.#hasTold) {
        this.#options.note(`${this.#region}: AWS makes no more copies at a time, waiting for one to end`);
      }
      this.#hasTold = true;
      this.#isRefused = true;
      return undefined;
    } finally {
      this.#starting -= 1;
      if (!this.#isRefused) this.#grant();
    }
  }

  #grant(most = Number.POSITIVE_INFINITY): void {
    if (this.#pending === undefined) return;
    const others = [...this.#pending].filter((id) => !this.#followers.has(id)).length;
    const free = this.#options.limit - others - this.#followers.size - this.#starting;
    for (const {resolve} of this.#claimants.splice(0, Math.max(0, Math.min(free, most)))) {
      this.#starting += 1;
      resolve();
    }
  }

  /** As long as anybody waits. */
  async #keepLooking(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let failed = 0; this.#isNeeded(); ) {
        failed = (await this.#tryLook(failed < MOST_FAILED_LOOKS)) ? 0 : failed + 1;
        if (this.#isNeeded()) await this.#ec2.clock.sleep(this.#options.intervalMs, this.#options.signal);
      }
    } catch (error) {
      for (const {reject} of [...this.#followers.values(), ...this.#claimants.splice(0)]) reject(error);
      this.#followers.clear();
    } finally {
      this.#isLooking = false;
      this.#pending = undefined;
    }
  }

  #isNeeded(): boolean {
    // Whoever is starting may be refused, and is not to ask again before the next look.
    return this.#followers.size > 0 || this.#claimants.length > 0 || this.#starting > 0;
  }

  async #tryLook(mayFail: boolean): Promise<boolean> {
    try {
      await this.#look();
      return true;
    } catch (error) {
      if (!mayFail || !isTransient(error)) throw error;
      return false;
    }
  }

  /** One listing tells of all that are under way; those that are not any more are asked for by their ids. */
  async #look(): Promise<void> {
    const {signal} = this.#options;
    const pending = await pendingSnapshots(this.#ec2, this.#region, signal);
    const byId = new Map(pending.map((one) => [one.id, one]));
    const missing = [...this.#followers.keys()].filter((id) => !byId.has(id));
    for (const one of await snapshotsById(this.#ec2, this.#region, missing, signal)) byId.set(one.id, one);
    this.#pending = new Set(pending.filter(({isCopy}) => isCopy).map(({id}) => id));
    for (const [id, follower] of [...this.#followers]) this.#judge(id, follower, byId.get(id));
    this.#grant(this.#isRefused ? 1 : undefined);
  }

  #judge(id: SnapshotId, {sinceMs, onProgress, resolve}: Follower, found: OwnSnapshot | undefined): void {
    const waitedMs = this.#ec2.clock.now() - sinceMs;
    const mayWait = waitedMs < (found ? this.#options.timeoutMs : MAY_BE_INVISIBLE_MS);
    if (mayWait && found?.state === 'pending') onProgress(found.progress);
    if (mayWait && (found?.state ?? 'pending') === 'pending') return;
    this.#followers.delete(id);
    resolve(found);
  }
}
