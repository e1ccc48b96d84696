/** What a task file may import: `import {task, z} from 'ftask'`. */
import type {z as zod} from 'zod';
import type {Context} from './context.ts';
import {defineTask, type Task, type TaskDefinition} from './runner/task.ts';

/**
 * Makes a task of a summary, options as a zod object, and one async function.
 *
 * @example
 * export const greet = task({
 *   summary: 'Say hello.',
 *   options: z.object({name: z.string().describe('Whom to greet.')}),
 *   run: async ({name}) => [`hello ${name}`],
 * });
 */
export function task<Shape extends zod.ZodRawShape, Row>(
  definition: TaskDefinition<Shape, Row, Context>,
): Task & TaskDefinition<Shape, Row, Context> {
  return defineTask(definition);
}

export {z} from 'zod';
export type {Context} from './context.ts';
export {FtaskError, RefusedError, UsageError} from './errors.ts';
export {duration, flag, keyValues, list, positional, region, regions, secret} from './runner/option.ts';
export {ExitWith, type ItemFailure, type ItemSkip, SomeFailed} from './runner/outcome.ts';
export type {Outlet} from './runner/outlet.ts';
export type {Progress, ProgressGroup} from './runner/progress.ts';
export {call, type Task, type TaskCall, type TaskOutput} from './runner/task.ts';
export type {Terminal} from './runner/terminal.ts';
