/** Runs the tasks of a command line in order, and keeps what became of each. */
import {callTask, rowsOf} from './call.ts';
import type {ItemFailure, ItemSkip} from './outcome.ts';
import {ExitWith, SomeFailed} from './outcome.ts';
import type {RunContext, Task} from './task.ts';
import {UndoStack} from './undo.ts';

/** A task with its options, checked. */
export interface PlannedTask {
  readonly name: string;
  readonly task: Task;
  readonly options: unknown;
}

export type TaskStatus = 'done' | 'partial' | 'failed' | 'not-run';

/** What became of one task. */
export interface TaskReport {
  readonly name: string;
  readonly status: TaskStatus;
  readonly seconds: number;
  /** It only told what it would do. */
  readonly dryRun: boolean;
  readonly result: readonly unknown[];
  readonly failures: readonly ItemFailure[];
  readonly skipped: readonly ItemSkip[];
  /** What it threw, if it did. */
  readonly error?: unknown;
}

export interface Execution {
  /** Run on after a task that failed. */
  readonly keepGoing: boolean;
  /** What this run gives its tasks, before the house adds to it. */
  readonly run: RunContext;
  /** Makes the context of the tasks; called once, right before the first task. */
  readonly open: (run: RunContext) => Promise<RunContext>;
  readonly onStart?: (name: string) => void | Promise<void>;
  /** May say more of an error than the runner knows: what it returns is the report. */
  readonly onEnd?: (report: TaskReport) => Promise<TaskReport>;
}

/**
 * Runs the tasks, one report each; the first that fails stops the line. What a failed or interrupted
 * task left half done is taken back before the next thing happens. @throws what `open` throws
 */
export async function runTasks(tasks: readonly PlannedTask[], execution: Execution): Promise<TaskReport[]> {
  const {keepGoing, open, onStart, onEnd} = execution;
  const skipped: ItemSkip[] = [];
  const run: RunContext = {...execution.run, skip: (skip) => skipped.push(skip)};
  const reports: TaskReport[] = [];
  let context: RunContext | undefined;
  for (const [index, planned] of tasks.entries()) {
    const stopped = run.signal.aborted || (!keepGoing && reports.some(isFailure));
    if (stopped) {
      reports.push(notRun(planned.name));
      continue;
    }
    await onStart?.(planned.name);
    context ??= await open(run);
    const report = await runTask(planned, {...context, step: index + 1}, skipped);
    reports.push((await onEnd?.(report)) ?? report);
  }
  return reports;
}

/** The report of a task that was never started. */
export function notRun(name: string): TaskReport {
  return {name, status: 'not-run', seconds: 0, dryRun: false, result: [], failures: [], skipped: []};
}

async function runTask(planned: PlannedTask, context: RunContext, skipped: ItemSkip[]): Promise<TaskReport> {
  const started = performance.now();
  const own: RunContext = {
    ...context,
    undo: new UndoStack(),
    dryRun: context.dryRun || isDryRun(planned.options),
    call: (task, options) => callTask(task as unknown as Task, options, own) as Promise<never>,
  };
  const run = planned.task.run as (options: unknown, context: unknown) => Promise<unknown>;
  const outcome = await settle(() => run(planned.options, own), own.signal);
  if (outcome.status === 'failed' || own.signal.aborted) await unwind(own);
  return {
    name: planned.name,
    dryRun: own.dryRun,
    ...outcome,
    skipped: skipped.splice(0),
    seconds: (performance.now() - started) / 1000,
  };
}

type Outcome = Pick<TaskReport, 'status' | 'result' | 'failures' | 'error'>;

async function settle(run: () => Promise<unknown>, signal: AbortSignal): Promise<Outcome> {
  try {
    const value = await run();
    return {status: 'done', result: rowsOf(value), failures: []};
  } catch (thrown) {
    const error = isAbort(thrown) && signal.aborted ? signal.reason : thrown;
    if (error instanceof ExitWith && error.exitCode === 0)
      return {status: 'done', result: error.result, failures: []};
    if (error instanceof ExitWith) return {status: 'failed', result: error.result, failures: [], error};
    if (!(error instanceof SomeFailed)) return {status: 'failed', result: [], failures: [], error};
    const {result, failures} = error;
    return {status: result.length > 0 ? 'partial' : 'failed', result, failures, error};
  }
}

/** What Node's own functions throw when their signal is aborted, whatever its reason. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isDryRun(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'dryRun' in options && options.dryRun === true;
}

async function unwind({undo, progress}: RunContext): Promise<void> {
  for (const {what, error} of await undo.unwind()) {
    const reason = error instanceof Error ? error.message : String(error);
    progress.warn(`could not undo: ${what}: ${reason}`);
  }
}

function isFailure({status}: TaskReport): boolean {
  return status === 'failed' || status === 'partial';
}
