/** Signs of life of all locks that are held in a region, in one call. */
import type {Ec2} from '../../ec2/client.ts';
import {filtersBy} from '../../ec2/filters.ts';
import type {Region} from '../../ec2/ids.ts';
import {hasCode} from '../../ec2/scratch/patience.ts';
import {tagList} from '../../ec2/tags.ts';
import {beatTags, readLock} from './lock-tags.ts';

/** What is known of a lock that is held. */
export interface HeldLock {
  /** When others may take it, unless a sign of life comes before; 0 when somebody has. */
  expiresMs: number;
}

export interface BeatingOptions {
  readonly run: string;
  readonly scratch: string;
  readonly expiryMs: number;
  /** By the ids of their key pairs; those that there are at the moment of a beat. */
  readonly held: ReadonlyMap<string, HeldLock>;
  readonly warn: (text: string) => void;
}

/** One beat may fail, and the clocks of two machines may differ by some minutes. */
const BEATS = 3;
/** As many as one call of CreateTags takes. Source: CreateTags in the EC2 API reference. */
const MOST = 1000;

/** Renews the locks until it is stopped; `stop` waits for the beat under way. */
export function startBeating(ec2: Ec2, region: Region, options: BeatingOptions): {stop(): Promise<void>} {
  const over = new AbortController();
  const tellLoss = (error: unknown): void => {
    if (over.signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    options.warn(`${region}: could not give a sign of life for the locks: ${why}`);
  };
  const beating = (async () => {
    for (;;) {
      await ec2.clock.sleep(options.expiryMs / BEATS, over.signal);
      await beat(ec2, region, options, over.signal).catch(tellLoss);
    }
  })().catch(tellLoss);
  return {
    stop: () => {
      over.abort();
      return beating;
    },
  };
}

async function beat(ec2: Ec2, region: Region, options: BeatingOptions, signal: AbortSignal): Promise<void> {
  const {run, scratch, expiryMs, held} = options;
  for (let isFirst = true; ; isFirst = false) {
    const alive = [...held].filter(([, {expiresMs}]) => expiresMs > 0).slice(0, MOST);
    if (alive.length === 0) return;
    const nowMs = ec2.clock.now();
    const Tags = tagList(beatTags({run, scratch}, {nowMs, expiryMs}));
    try {
      await ec2.call(region, 'CreateTags', {Resources: alive.map(([id]) => id), Tags}, signal);
      for (const [, lock] of alive) lock.expiresMs = nowMs + expiryMs;
      return;
    } catch (error) {
      // One that is gone keeps all others from being renewed.
      if (!isFirst || !hasCode(error, ['InvalidKeyPair.NotFound'])) throw error;
      await dropLost(ec2, region, options);
    }
  }
}

async function dropLost(ec2: Ec2, region: Region, {held, warn}: BeatingOptions): Promise<void> {
  const there = new Set<string>();
  for (const filter of filtersBy('key-pair-id', [...held.keys()])) {
    const {KeyPairs = []} = await ec2.call(region, 'DescribeKeyPairs', {Filters: [filter]});
    for (const {id} of KeyPairs.map(readLock)) there.add(id);
  }
  for (const [id, lock] of held) {
    if (there.has(id) || lock.expiresMs === 0) continue;
    lock.expiresMs = 0;
    warn(`${region}: a lock (${id}) has been taken away; nothing new is made under it`);
  }
}
