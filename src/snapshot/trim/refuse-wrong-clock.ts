/** Time decides what is deleted, so a clock that cannot be trusted ends everything before it begins. */
import {ClockError} from '../../ec2/errors.ts';
import {RefusedError} from '../../errors.ts';

/** Does the work. @throws RefusedError where it throws a ClockError; else what it throws */
export async function refuseWrongClock<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClockError)) throw error;
    throw new RefusedError(error.code, error.message, {hint: error.hint, cause: error});
  }
}
