/** What is wrong with a command line, one line each, and the error that holds them all. */
import {UsageError} from '../../errors.ts';
import {nearestName} from '../../nearest.ts';
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';

export interface Problem {
  readonly message: string;
  readonly hint?: string;
  /** The task whose options are wrong. */
  readonly task?: string;
}

/** All problems of a command line as the one error: a line each. */
export function usageError(problems: readonly Problem[]): UsageError {
  const lines = problems.map((problem) => {
    const text = problem.task ? `${problem.task}: ${problem.message}` : problem.message;
    return problem.hint && problems.length > 1 ? `${text} (${problem.hint})` : text;
  });
  const hint = problems.length === 1 ? (problems[0]?.hint ?? helpHint(problems)) : helpHint(problems);
  return new UsageError('Usage', lines.join('\n'), {hint});
}

/** An option that neither the task nor ftask has, with the nearest one that is there. */
export function unknownOption(
  word: string,
  task: TaskSpec | undefined,
  core: readonly OptionSpec[],
): Problem {
  const typed = word.replace(/=.*/s, '');
  const specs = [...(task?.options ?? []).filter((option) => !option.positional), ...core];
  const names = specs.flatMap(({name, aliases}) => [name, ...aliases]);
  const meant = typed.startsWith('--') ? nearestName(typed.slice(2).replaceAll('_', '-'), names) : undefined;
  return {
    message: `unknown option ${typed}`,
    ...(meant && {hint: `did you mean --${meant}?`}),
    ...(task && {task: task.name}),
  };
}

function helpHint(problems: readonly Problem[]): string {
  const task = problems.find((problem) => problem.task)?.task;
  return task ? `ftask ${task} --help shows its options` : 'ftask --help shows how it is used';
}
