/** What happens beside a task's promise: an error that nobody caught, a wait that nothing can end any more. */
import {FtaskError} from '../../errors.ts';
import type {Task} from '../../runner/task.ts';
import type {World} from '../world.ts';

export interface Accidents {
  /** The first that happened; undefined while all is well. */
  readonly first: unknown;
  /** The task, but it fails when nothing is left that could end it. */
  guard(task: Task): Task;
  /** Leaves further ones to the process's own defaults. */
  ignore(): void;
}

/** Watches for accidents until `ignore` is called. Each stops the run as Ctrl-C does, so that it cleans up. */
export function watchAccidents(
  world: Pick<World, 'onUncaught' | 'onIdle'>,
  stop: (error: unknown) => void,
): Accidents {
  let first: unknown;
  let giveUp = (_error: unknown) => {};
  const stuck = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  stuck.catch(() => {});
  const happen = (error: unknown) => {
    first ??= error;
    stop(error);
  };
  const ignoreErrors = world.onUncaught(happen);
  const ignoreIdleness = world.onIdle(() => {
    const error = nothingLeft();
    happen(error);
    giveUp(error);
  });
  return {
    get first() {
      return first;
    },
    guard: (task) => ({
      ...task,
      run: (options, context) => Promise.race([task.run(options, context), stuck]),
    }),
    ignore: () => {
      ignoreErrors();
      ignoreIdleness();
    },
  };
}

function nothingLeft(): FtaskError {
  return new FtaskError('Stuck', 'the task waits for something that can no longer happen', {
    hint: 'one of its promises is never settled: no timer, request or stream is left behind it',
  });
}
