/** Signs of life: what is still in use has its expiry put off, so that nobody takes it for left behind. */
import type {Tags} from '../tags.ts';
import {tagList} from '../tags.ts';
import type {Place} from './patience.ts';
import type {Thing} from './things.ts';

export interface HeartbeatOptions {
  readonly expiryMs: number;
  /** Those that there are at the moment of a beat. */
  readonly things: readonly Thing[];
  /** The tags from that moment on. */
  readonly tags: () => Tags;
  readonly warn: (text: string) => void;
}

/** Three beats before the expiry: one may fail, and the clocks of two machines may differ by some minutes. */
const BEATS = 3;

/** Renews the tags until it is stopped; `stop` waits for the beat under way. */
export function startHeartbeat(
  {ec2, region}: Place,
  {expiryMs, things, tags, warn}: HeartbeatOptions,
): {stop(): Promise<void>} {
  const over = new AbortController();
  const tellLoss = (error: unknown): void => {
    if (over.signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    warn(`could not put off the expiry of what is temporary in ${region}: ${why}`);
  };
  const beat = async (): Promise<void> => {
    const Tags = tagList(tags());
    const each = things.map(({id}) => ec2.call(region, 'CreateTags', {Resources: [id], Tags}, over.signal));
    const lost = (await Promise.allSettled(each)).find(({status}) => status === 'rejected');
    if (lost?.status === 'rejected') tellLoss(lost.reason);
  };
  const beating = (async () => {
    for (;;) {
      await ec2.clock.sleep(expiryMs / BEATS, over.signal);
      await beat();
    }
  })().catch(tellLoss);
  return {
    stop: () => {
      over.abort();
      return beating;
    },
  };
}
