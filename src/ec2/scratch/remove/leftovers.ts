/** Which temporary things nobody needs any more. Pure. */
import type {TaggedThing} from '../things.ts';

export interface Verdict {
  readonly thing: TaggedThing;
  /** Why it stays; undefined when it is to be removed. */
  readonly staysBecause?: string;
}

/**
 * A thing goes when everything that is removed together with it has expired: one sign of life is enough for all. What
 * was made after its own expiry has its tags from something else, as when a snapshot's tags are copied.
 */
export function judgeThings(things: readonly TaggedThing[], nowMs: number): Verdict[] {
  const expiries = new Map<string, number>();
  for (const {scratch, expiresMs} of things)
    expiries.set(scratch, Math.max(expiresMs, expiries.get(scratch) ?? 0));
  return things.map((thing) => {
    const why = reasonToStay(thing, expiries.get(thing.scratch) ?? 0, nowMs);
    return why === undefined ? {thing} : {thing, staysBecause: why};
  });
}

function reasonToStay(
  {createdMs, expiresMs}: TaggedThing,
  lastExpiryMs: number,
  nowMs: number,
): string | undefined {
  if (lastExpiryMs > nowMs) return `in use until ${new Date(lastExpiryMs).toISOString()} at least`;
  if (createdMs !== undefined && createdMs > expiresMs)
    return 'made after its expiry: its tags are copies of others';
  return undefined;
}
