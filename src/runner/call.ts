/** A task that calls a task. */
import type {z} from 'zod';
import {UsageError} from '../errors.ts';
import type {RunContext, Task} from './task.ts';

/** Runs a task with options that are checked first, in the caller's own context. */
export async function callTask(
  task: Task,
  options: unknown,
  context: RunContext,
): Promise<readonly unknown[]> {
  const checked = await checkOptions(task, options, context);
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
  options: unknown = {},
  {dryRun}: Pick<RunContext, 'dryRun'>,
): Promise<unknown> {
  const isDry = dryRun && 'dryRun' in task.options.shape;
  const checked = await task.options.safeParseAsync(isDry ? {...(options as object), dryRun} : options);
  if (checked.success) return checked.data;
  const lines = checked.error.issues.map((issue) => problemLine(issue, task.summary));
  throw new UsageError('Options', lines.join('\n'), {
    hint: 'the options that a task is called with are wrong',
  });
}

function problemLine({path, message}: z.core.$ZodIssue, summary: string): string {
  return `'${summary}': ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`;
}
