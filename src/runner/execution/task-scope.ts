/** What is a task's own in the context of a run: its ways back, its locks, the tasks it calls. */
import type {RunContext, Task} from '../task.ts';
import {UndoStack} from '../undo.ts';
import {callTask} from './call.ts';

/** What the world gives a run. */
export type GivenRun = Omit<RunContext, 'step' | 'skip' | 'undo' | 'lock' | 'call'>;

export interface ScopeHouse {
  /** Takes a lock and returns what gives it back. */
  readonly takeLock: (name: string) => Promise<() => void>;
  /** The name of a task in its file. */
  readonly nameOf: (task: Task) => string;
}

export interface TaskScope {
  readonly context: RunContext;
  /** Takes back what is half done, when it is to be, then gives the locks back. */
  end(isUndone: boolean): Promise<void>;
}

/** Opens a task's part of the run. */
export function openScope(
  base: GivenRun & Pick<RunContext, 'step' | 'skip'>,
  {takeLock, nameOf}: ScopeHouse,
): TaskScope {
  const releases: (() => void)[] = [];
  const context: RunContext = {
    ...base,
    undo: new UndoStack(),
    lock: async (name) => void releases.push(await takeLock(name)),
    call: (callable, options) => {
      const task = callable as unknown as Task;
      return callTask({name: nameOf(task), task, options}, context) as Promise<never>;
    },
  };
  return {
    context,
    end: async (isUndone) => {
      if (isUndone) await unwind(context);
      for (const release of releases) release();
    },
  };
}

async function unwind({undo, progress}: RunContext): Promise<void> {
  for (const {what, error} of await undo.unwind()) {
    const reason = error instanceof Error ? error.message : String(error);
    progress.warn(`could not undo: ${what}: ${reason}`);
  }
}
