/** Waiting for EC2: looking again, and asking again after a refusal that ends by itself. */
import type {FtaskError} from '../../errors.ts';
import type {Ec2} from '../client.ts';
import {Ec2Error} from '../errors.ts';
import type {Region} from '../ids.ts';

/** Where something is done, and what may end the wait for it. */
export interface Place {
  readonly ec2: Ec2;
  readonly region: Region;
  /** Left out when something is taken back: that is not cut short. */
  readonly signal?: AbortSignal;
}

/** Pause between two looks, milliseconds of EC2's clock. */
const INTERVAL_MS = 2000;

/**
 * Looks until there is something to return. A look right away comes first, and one more when the time is over.
 * @throws what `late` gives, after `timeoutMs` of EC2's clock; the signal's reason
 */
export async function until<Found>(
  {ec2: {clock}, signal}: Place,
  timeoutMs: number,
  look: () => Promise<Found | undefined>,
  late: () => FtaskError,
): Promise<Found> {
  const giveUpAt = clock.now() + timeoutMs;
  for (;;) {
    const isLast = clock.now() >= giveUpAt;
    const found = await look();
    if (found !== undefined) return found;
    if (isLast) throw late();
    await clock.sleep(INTERVAL_MS, signal);
  }
}

/**
 * Asks until EC2 does not refuse with one of these codes any more: something new that it does not see yet, something
 * old that has not let go yet. @throws its last refusal after `timeoutMs`; any other at once
 */
export async function askAgain<Answer>(
  {ec2: {clock}, signal}: Place,
  {codes, timeoutMs}: {readonly codes: readonly string[]; readonly timeoutMs: number},
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const giveUpAt = clock.now() + timeoutMs;
  for (;;) {
    const isLast = clock.now() >= giveUpAt;
    try {
      return await ask();
    } catch (error) {
      if (isLast || !hasCode(error, codes)) throw error;
    }
    await clock.sleep(INTERVAL_MS, signal);
  }
}

/** Does it, or takes a refusal with one of these codes for an answer: it was done already. */
export async function unlessRefused(codes: readonly string[], ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!hasCode(error, codes)) throw error;
  }
}

/** Whether EC2 refused with one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): error is Ec2Error {
  return error instanceof Ec2Error && codes.includes(error.code);
}
