/** A step that failed half-way. */
import {FtaskError} from '../errors.ts';
import type {Undo} from '../runner/undo.ts';

/** Goes the way back of a step that failed with `error`, then throws that; one that tells both when that fails too. */
export async function takeBackAfter(error: unknown, way: Undo): Promise<never> {
  await way.run().catch((second: unknown) => {
    const [why, whyNotUndone] = [error, second].map((one) =>
      one instanceof Error ? one.message : String(one),
    );
    throw new FtaskError('NotUndone', `${why}\nand it could not be undone: ${whyNotUndone}`, {cause: error});
  });
  throw error;
}
