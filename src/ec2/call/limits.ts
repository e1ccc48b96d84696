/** Keeps requests a little under EC2's token buckets, so that throttling does not happen. */
import type {Clock} from '../../clock.ts';
import type {Region} from '../ids.ts';
import {type Bucket, bucketOf} from './buckets.ts';

/** Room left for what the account's other tools ask. */
const BURST_SHARE = 0.95;
const RATE_SHARE = 0.99;

interface Waiter {
  readonly start: () => void;
}

/**
 * A token bucket on a clock, for requests that arrive some time after they were sent. A token comes
 * back as AWS's does, from the moment the request was answered at the latest: until then the bucket
 * over there may be full and gain nothing. Those who wait are served in the order they came.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMs: number;
  /** What AWS's bucket holds if none of the requests under way has arrived. */
  #tokens: number;
  #at: number;
  #underWay = 0;
  readonly #waiting = new Set<Waiter>();
  #timer: AbortController | undefined;

  constructor(bucket: Bucket, clock: Clock) {
    this.#clock = clock;
    this.#burst = Math.max(1, bucket.burst);
    this.#perMs = bucket.perSecond / 1000;
    this.#tokens = this.#burst;
    this.#at = clock.now();
  }

  /** Makes a request as soon as there is a token for it. Rejects with the signal's reason while it waits. */
  async spend<Answer>(request: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    await this.#turn(signal);
    try {
      return await request();
    } finally {
      this.#refill();
      this.#tokens -= 1;
      this.#underWay -= 1;
      this.#pump();
    }
  }

  /** The other side says that its bucket is empty: whatever was saved here is not there. */
  drain(): void {
    this.#refill();
    this.#tokens = Math.min(this.#tokens, this.#underWay);
  }

  #turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = (): void => {
        this.#waiting.delete(waiter);
        // Or the process would stay until a token is there that nobody wants.
        if (this.#waiting.size === 0) this.#timer?.abort();
        reject(signal?.reason);
      };
      const waiter = {
        start: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal?.addEventListener('abort', giveUp, {once: true});
      this.#waiting.add(waiter);
      this.#pump();
    });
  }

  #pump(): void {
    this.#refill();
    for (const waiter of this.#waiting) {
      if (this.#tokens - this.#underWay < 1) break;
      this.#waiting.delete(waiter);
      this.#underWay += 1;
      waiter.start();
    }
    this.#wakeUp();
  }

  /** A full bucket gains nothing: then an answer, and not time, lets the next one through. */
  #wakeUp(): void {
    const mayGain = this.#tokens < this.#burst;
    if (this.#waiting.size === 0 || !mayGain || this.#timer) return;
    const timer = new AbortController();
    this.#timer = timer;
    const missing = 1 - (this.#tokens - this.#underWay);
    const wake = (): void => {
      this.#timer = undefined;
      this.#pump();
    };
    void this.#clock.sleep(Math.max(1, missing / this.#perMs), timer.signal).then(wake, wake);
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = now;
  }
}

/** The buckets of all regions and actions. `own` replaces AWS's defaults where an account has raised them. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #own: Readonly<Record<string, Bucket>>;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, own: Readonly<Record<string, Bucket>> = {}) {
    this.#clock = clock;
    this.#own = own;
  }

  /** The bucket that a request of this action in this region takes its token from. */
  bucket(region: Region, action: string): TokenBucket {
    const key = `${region}/${action}`;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      const {burst, perSecond} = this.#own[action] ?? bucketOf(action);
      bucket = new TokenBucket({burst: burst * BURST_SHARE, perSecond: perSecond * RATE_SHARE}, this.#clock);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}
