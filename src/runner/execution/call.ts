/** A task that calls a task. */
import type {z} from 'zod';
import {FtaskError, UsageError} from '../../errors.ts';
import {inWords} from '../issue-text.ts';
import type {RunContext, Task} from '../task.ts';
import {askBefore, isDryRun, lockFor} from './guards.ts';

/**
 * The context with its `call`: that runs a task in this context, with options that are checked first, behind the task's
 * own question and lock. Where the options make it a dry run, it is one all the way down.
 */
export function withCall(context: Omit<RunContext, 'call'>, nameOf: (task: Task) => string): RunContext {
  const full: RunContext = {
    ...context,
    call: async (callable, options) => {
      const task = callable as unknown as Task;
      const checked = await checkOptions(task, options, full).catch(atRunTime);
      const called = {name: nameOf(task), task, options: checked};
      await askBefore(called, full);
      await lockFor(called, full);
      const run = task.run as (options: unknown, context: unknown) => Promise<never>;
      const own = isDryRun(called) ? withCall({...full, ...full.forDryRun?.(), dryRun: true}, nameOf) : full;
      return rowsOf(await run(checked, own)) as readonly never[];
    },
  };
  return full;
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
  const checked = await task.options.safeParseAsync(given, inWords);
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
