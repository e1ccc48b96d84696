/** A task as plain data: all that `--list`, `--help`, slicing and completion need, without its code. */
import {type OptionSpec, optionSpecs} from './option-spec.ts';
import type {Task} from './task.ts';

/** Plain JSON, so that it can be cached. */
export interface TaskSpec {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly section?: string;
  readonly options: readonly OptionSpec[];
}

/** Reads a task's description from its definition. */
export function taskSpec(name: string, task: Task): TaskSpec {
  return {
    name,
    summary: task.summary,
    ...(task.description && {description: task.description}),
    ...(task.section && {section: task.section}),
    options: optionSpecs(task.options),
  };
}
