/** What a task file may import: `import {task, z} from 'ftask'`. */
import type {z as zod} from 'zod';
import type {Context} from './context/context.ts';
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
export type {Context} from './context/context.ts';
export {FtaskError, RefusedError, UsageError} from './errors.ts';
export {argv, type Command, type CommandOptions, sh, shellText} from './host/command.ts';
export {
  AuthenticationFailed,
  CommandFailed,
  CommandInterrupted,
  CommandTimedOut,
  ConnectionLost,
  HostKeyRejected,
  HostUnreachable,
  SudoRefused,
  TransferFailed,
} from './host/failures.ts';
export type {HostOutcome} from './host/group/on-each.ts';
export type {
  Host,
  PutOptions,
  PutSource,
  Running,
  RunOptions,
  Transfer,
  TransferOptions,
} from './host/host.ts';
export type {Result} from './host/result.ts';
export {type Answer, type ScriptedAnswer, type ScriptedHost, scriptedHost} from './host/scripted.ts';
export {expandHosts} from './host/selection/expand.ts';
export {foldHosts} from './host/selection/fold.ts';
export {duration, flag, keyValues, list, positional, region, regions, secret} from './runner/option.ts';
export {ExitWith, type ItemFailure, type ItemSkip, SomeFailed} from './runner/outcome.ts';
export type {Outlet} from './runner/outlet.ts';
export type {Progress, ProgressGroup} from './runner/progress.ts';
export {call, type Task, type TaskCall, type TaskOutput} from './runner/task.ts';
export type {Terminal} from './runner/terminal.ts';
