/** One thing by a call that has no client token, although its answer may be lost. */
import {Ec2Error, LostAnswerError} from '../../errors.ts';
import type {Place} from '../patience.ts';

/** When to look for what may have been made: a new thing may stay invisible for a while. */
export const LOOKS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const MAX_TRIES = 3;

/**
 * Makes it, or finds what an earlier try has made: under a name that nobody else has, a refusal as a duplicate says so.
 * Never cut short, since what it finds is something that nobody would know of otherwise.
 */
export async function makeOnce<Id>(
  {ec2: {clock}}: Place,
  make: () => Promise<Id>,
  find: () => Promise<Id | undefined>,
): Promise<Id> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await make();
    } catch (error) {
      if (!isMaybeMade(error)) throw error;
      for (const pauseMs of LOOKS_MS) {
        await clock.sleep(pauseMs);
        const found = await find();
        if (found !== undefined) return found;
      }
      if (tries === MAX_TRIES) throw error;
    }
  }
}

function isMaybeMade(error: unknown): boolean {
  return error instanceof LostAnswerError || (error instanceof Ec2Error && error.code.endsWith('.Duplicate'));
}
