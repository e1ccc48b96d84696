/** A task that calls a task. */
import type {z} from 'zod';
import {FtaskError, UsageError} from '../../errors.ts';
import type {RunContext, Task} from '../task.ts';
import {askBefore, lockFor} from './guards.ts';

/** A task as one calls it, by its name in the task file. */
export interface CalledTask {
  readonly name: string;
  readonly task: Task;
  readonly options: unknown;
}

/** Runs a task in the caller's own context, with options that are checked first, behind its own question and lock. */
export async function callTask(
  {name, task, options}: CalledTask,
  context: RunContext,
): Promise<readonly unknown[]> {
  const checked = await checkOptions(task, options, context).catch(atRunTime);
  const called = {name, task, options: checked};
  await askBefore(called, context);
  await lockFor(called, context);
  const run = task.run as (options: unknown, context: unknown) => Promise<unknown>;
  return rowsOf(await run(checked, context));
}

/** What a task returned as a list of rows. */
export function rowsOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The options with their defaults; a dry run is one all the way down. @throws UsageError, a line each problem */
export async function checkOptions(
  task: Pick<Task, 'options' | 'summary'>,
  options: unknown,
  {dryRun}: Pick<RunContext, 'dryRun'>,
): Promise<unknown> {
  const isDry = dryRun && 'dryRun' in task.options.shape;
  const given = {...(options as object | undefined), ...(isDry && {dryRun})};
  const checked = await task.options.safeParseAsync(given);
  if (checked.success) return checked.data;
  const lines = checked.error.issues.map((issue) => problemLine(issue, task.summary));
  throw new UsageError('Options', lines.join('\n'), {
    hint: 'look at the options that this task is called with',
  });
}

/** Once tasks run, nobody can say any more that nothing was touched, as a UsageError does. */
function atRunTime(error: unknown): never {
  if (!(error instanceof UsageError)) throw error;
  throw new FtaskError(error.code, error.message, {hint: error.hint, cause: error});
}

function problemLine({path, message}: z.core.$ZodIssue, summary: string): string {
  return `'${summary}': ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`;
}
