/** A snapshot that is not what it says it is. */
import {FtaskError} from '../../../errors.ts';
import {CommandFailed} from '../../../host/failures.ts';

const MOST_TOLD = 5;

/** It is damaged, or somebody changed it: it is not restored, whatever is asked for. */
export class BadSnapshot extends FtaskError {
  constructor(path: string, problems: readonly string[], cause?: unknown) {
    const more = problems.length - MOST_TOLD;
    const told = problems.slice(0, MOST_TOLD).join('; ') + (more > 0 ? `; and ${more} more` : '');
    super('BadSnapshot', `${path} is not what it was when it was made: ${told}`, {
      hint: 'nothing was changed; restore another one',
      cause,
    });
  }
}

/** @throws BadSnapshot when there are problems */
export function unlessBad(path: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new BadSnapshot(path, problems);
}

/** Runs a step whose failure says that the snapshot is damaged, unless the disk was full or the run was stopped. @throws BadSnapshot */
export async function asVerdict<Value>(
  path: string,
  problem: string,
  step: () => Promise<Value>,
): Promise<Value> {
  try {
    return await step();
  } catch (error) {
    const isVerdict = error instanceof CommandFailed && error.code === 'CommandFailed';
    if (!isVerdict || error.message.includes('No space left on device')) throw error;
    const [last = ''] = error.result.stderr.trim().split('\n').slice(-1);
    throw new BadSnapshot(path, [last === '' ? problem : `${problem}: ${last}`], error);
  }
}
