/** The tasks around a task: what its `before` and `after` add to the command line. */
import {isDeepStrictEqual} from 'node:util';
import {UsageError} from '../../errors.ts';
import {isTask, type RunContext, type Task, type TaskCall} from '../task.ts';
import {checkOptions} from './call.ts';
import type {PlannedTask} from './execute.ts';

export interface Naming extends Pick<RunContext, 'dryRun'> {
  /** The name of a task in its file. */
  readonly nameOf: (task: Task) => string;
}

/**
 * The tasks as typed with those before and after them. What is on the line already with equal options is not added
 * again. @throws UsageError on wrong options, and on tasks that wait for each other
 */
export async function withNeighbours(
  typed: readonly PlannedTask[],
  naming: Naming,
): Promise<readonly PlannedTask[]> {
  const line: PlannedTask[] = [];
  for (const planned of typed) await add(planned, [], {line, naming});
  return line;
}

interface Growing {
  readonly line: PlannedTask[];
  readonly naming: Naming;
}

async function add(planned: PlannedTask, above: readonly Task[], growing: Growing): Promise<PlannedTask> {
  const {task, requires = []} = planned;
  const path = [...above, task];
  if (above.includes(task)) throw circle(path, growing.naming);
  const first: PlannedTask[] = [];
  for (const neighbour of task.before ?? []) first.push(await addNeighbour(neighbour, [], path, growing));
  const self = {...planned, requires: [...requires, ...first]};
  growing.line.push(self);
  for (const neighbour of task.after ?? []) await addNeighbour(neighbour, [self], path, growing);
  return self;
}

async function addNeighbour(
  neighbour: Task | TaskCall,
  requires: readonly PlannedTask[],
  above: readonly Task[],
  growing: Growing,
): Promise<PlannedTask> {
  const {task, options: given} = isTask(neighbour) ? {task: neighbour, options: {}} : neighbour;
  const options = await checkOptions(task, given, growing.naming);
  const same = growing.line.find((one) => one.task === task && isDeepStrictEqual(one.options, options));
  return same ?? add({name: growing.naming.nameOf(task), task, options, requires}, above, growing);
}

function circle(path: readonly Task[], {nameOf}: Naming): UsageError {
  return new UsageError('Circle', `tasks that wait for each other: ${path.map(nameOf).join(' → ')}`, {
    hint: 'look at their before and after',
  });
}
