/** Which task a word of the command line names. */
import {nearestName} from '../../nearest.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';

export interface FoundTask {
  readonly task: TaskSpec;
  /** How many words name it: `lab serve` is two. */
  readonly length: number;
}

/** The task that `words` begin with: `a_b`, `a-b` or, when no task is named `a`, `a b`. */
export function findTask(words: readonly string[], tasks: readonly TaskSpec[]): FoundTask | undefined {
  const [first = '', second] = words;
  const task = named(first, tasks);
  if (task) return {task, length: 1};
  const two = second === undefined ? undefined : named(`${first}_${second}`, tasks);
  return two && {task: two, length: 2};
}

/** The task that was probably meant. */
export function nearestTask(word: string, tasks: readonly TaskSpec[]): string | undefined {
  const names = tasks.map((task) => task.name);
  const name = taskName(word);
  return nearestName(name, names) ?? names.find((candidate) => candidate.startsWith(`${name}_`));
}

function named(word: string, tasks: readonly TaskSpec[]): TaskSpec | undefined {
  const name = taskName(word);
  return tasks.find((task) => taskName(task.name) === name);
}

function taskName(word: string): string {
  return word.replaceAll('-', '_');
}
