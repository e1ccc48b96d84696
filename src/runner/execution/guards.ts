/** What stands before a task that asks for it: a question, a lock. */
import {FtaskError, RefusedError} from '../../errors.ts';
import type {RunContext, Task} from '../task.ts';

/** A task about to run. */
export interface GuardedTask {
  readonly name: string;
  readonly task: Pick<Task, 'destructive' | 'lock' | 'onlyTells'>;
  readonly options: unknown;
}

/** Asks before a destructive task; a dry run destroys nothing. @throws RefusedError when the answer is no, or nobody can be asked */
export async function askBefore(
  guarded: GuardedTask,
  context: Pick<RunContext, 'confirm' | 'dryRun'>,
): Promise<void> {
  const what = context.dryRun || isDryRun(guarded) ? undefined : destruction(guarded);
  if (what === undefined) return;
  const {name} = guarded;
  const question = `${name}: ${what} Go on?`;
  if (await context.confirm(question).catch((error: unknown) => refuse(name, what, error))) return;
  throw new RefusedError('NotConfirmed', `${name}: the answer was no, nothing was done`);
}

/** Takes the lock that the task asks for, if it does; a dry run needs none. @throws RefusedError 'Locked' */
export async function lockFor(
  guarded: GuardedTask,
  context: Pick<RunContext, 'lock' | 'dryRun'>,
): Promise<void> {
  const {name, task, options} = guarded;
  if (task.lock === undefined || context.dryRun || isDryRun(guarded)) return;
  await context.lock(textOf(task.lock, options) ?? name);
}

/** Whether the options make it one. */
export function isDryRun({
  task,
  options,
}: Pick<GuardedTask, 'options'> & {task: Pick<Task, 'onlyTells'>}): boolean {
  const isAsked =
    typeof options === 'object' && options !== null && 'dryRun' in options && options.dryRun === true;
  return isAsked || task.onlyTells?.(options as never) === true;
}

function destruction({task, options}: GuardedTask): string | undefined {
  if (task.destructive === undefined) return undefined;
  if (task.destructive === true) return 'what it does cannot be undone.';
  return textOf(task.destructive, options);
}

function textOf(
  text: true | string | ((options: never) => string | undefined),
  options: unknown,
): string | undefined {
  if (text === true) return undefined;
  return typeof text === 'string' ? text : (text as (options: unknown) => string | undefined)(options);
}

function refuse(name: string, what: string, error: unknown): never {
  if (!(error instanceof FtaskError) || error.code !== 'NoTerminal') throw error;
  throw new RefusedError('NotConfirmed', `${name} asks first, and there is no terminal: ${what}`, {
    hint: '--yes goes on without a question',
    cause: error,
  });
}
