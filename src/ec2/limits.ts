/** Keeps requests a little under EC2's token buckets, so that throttling does not happen. */
import type {Clock} from '../clock.ts';
import {type Bucket, bucketOf} from './buckets.ts';
import type {Region} from './ids.ts';

/** Room left for what the account's other tools ask, and for requests that bunch up on their way. */
const BURST_SHARE = 0.9;
const RATE_SHARE = 0.97;

/** A token bucket on a clock. Those who wait are served in the order they came. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  constructor(bucket: Bucket, clock: Clock) {
    this.#clock = clock;
    this.#burst = Math.max(1, bucket.burst);
    this.#perMs = bucket.perSecond / 1000;
    this.#tokens = this.#burst;
    this.#at = clock.now();
  }

  /** Waits for a token and takes it. Rejects when the signal is aborted; its token is then lost. */
  async take(signal?: AbortSignal): Promise<void> {
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#clock.sleep(-this.#tokens / this.#perMs, signal);
  }

  /** The other side says that its bucket is empty: whatever was saved here is not there. */
  drain(): void {
    this.#refill();
    this.#tokens = Math.min(this.#tokens, 0);
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
