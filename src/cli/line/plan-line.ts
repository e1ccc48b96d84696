/** The tasks of a command line with their options, all checked before any of them runs. */
import type {PlannedTask} from '../../runner/execution/execute.ts';
import {withNeighbours} from '../../runner/execution/neighbours.ts';
import type {Task} from '../../runner/task.ts';
import {type Problem, usageError} from '../argv/problem.ts';
import {sharedWords} from '../argv/shared-words.ts';
import type {CoreWord, Sliced} from '../argv/slice.ts';
import type {CoreOptions} from '../core-options.ts';
import type {TaskFile} from '../task-file/open.ts';

/** The command line, cut along the tasks of its task file. */
export interface Line extends Pick<Sliced, 'slices' | 'problems'> {
  readonly core: CoreOptions;
  /** The core options as typed. */
  readonly coreWords: readonly CoreWord[];
  readonly taskFile: TaskFile;
}

export interface PlannedLine {
  /** The tasks that were typed, and those before and after them. */
  readonly planned: readonly PlannedTask[];
  readonly nameOf: (task: Task) => string;
}

/** Plans the line. @throws UsageError with all that is wrong */
export async function planLine({
  slices,
  taskFile,
  problems: told,
  core,
  coreWords,
}: Line): Promise<PlannedLine> {
  const {parseSlice} = await import('../argv/parse.ts');
  const tasks = await taskFile.load(slices.map(({task}) => task.name));
  const typed: PlannedTask[] = [];
  const problems: Problem[] = [...told];
  for (const slice of slices) {
    const {name} = slice.task;
    const task = tasks.get(name);
    if (!task) throw new Error(`task ${name} is in the cache but not in the task file`);
    const shared = told.length === 0 ? sharedWords(coreWords, slice.task) : [];
    const parsed = await parseSlice(slice, task, shared);
    problems.push(...parsed.problems);
    typed.push({name, task, options: parsed.options});
  }
  if (problems.length > 0) throw usageError(problems);
  const names = new Map([...tasks].map(([name, task]) => [task, name]));
  const nameOf = (task: Task) => names.get(task) ?? task.summary.replace(/\.$/, '');
  return {planned: await withNeighbours(typed, {dryRun: core.dryRun, nameOf}), nameOf};
}
