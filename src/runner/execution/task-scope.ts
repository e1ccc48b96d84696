/** What is a task's own in the context of a run: its ways back, its locks, the tasks it calls. */
import type {RunContext, Task} from '../task.ts';
import {UndoStack} from '../undo.ts';
import {withCall} from './call.ts';

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
  const lock = async (name: string) => void releases.push(await takeLock(name));
  const context = withCall({...base, undo: new UndoStack(), lock}, nameOf);
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
