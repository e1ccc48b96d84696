/** Runs the tasks of a command line in order, and keeps what became of each. */
import type {ItemFailure, ItemSkip} from '../outcome.ts';
import {ExitWith, RefusedPlan, SomeFailed} from '../outcome.ts';
import type {RunContext, Task} from '../task.ts';
import {rowsOf} from './call.ts';
import {isDryRun, lockFor} from './guards.ts';
import {type GivenRun, openScope, type ScopeHouse, type TaskScope} from './task-scope.ts';

/** A task with its options, checked. */
export interface PlannedTask {
  readonly name: string;
  readonly task: Task;
  readonly options: unknown;
  /** What must be done, else this one is not run. */
  readonly requires?: readonly PlannedTask[];
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

export interface Execution extends ScopeHouse {
  /** Run on after a task that failed. */
  readonly keepGoing: boolean;
  /** What this run gives its tasks, before the house adds to it. */
  readonly run: GivenRun;
  /** Makes the context of the tasks; called once, right before the first task. */
  readonly open: (run: RunContext) => Promise<RunContext>;
  /** Puts something around what runs of a task. */
  readonly guard?: (task: Task) => Task;
  readonly onStart?: (name: string) => void | Promise<void>;
  /** May say more of an error than the runner knows: what it returns is the report. */
  readonly onEnd?: (report: TaskReport, planned: PlannedTask) => Promise<TaskReport>;
}

/**
 * Runs the tasks, one report each; the first that fails stops the line, and one whose `requires` are not done is not
 * run in any case. What a failed or interrupted task left half done is taken back before the next thing happens, and
 * so is what the house left. @throws what `open` throws
 */
export async function runTasks(tasks: readonly PlannedTask[], execution: Execution): Promise<TaskReport[]> {
  const {keepGoing, run, open, onStart, onEnd} = execution;
  const skipped: ItemSkip[] = [];
  const house = openScope({...run, step: 0, skip: (skip) => skipped.push(skip)}, execution);
  const reports: TaskReport[] = [];
  const ended = new Map<PlannedTask, TaskReport>();
  let context: RunContext | undefined;
  try {
    for (const [index, planned] of tasks.entries()) {
      const isStopped = run.signal.aborted || (!keepGoing && reports.some(isFailure));
      if (isStopped || planned.requires?.some((needed) => ended.get(needed)?.status !== 'done')) {
        reports.push(notRun(planned.name));
        continue;
      }
      await onStart?.(planned.name);
      context ??= await open(house.context);
      const dryRun = context.dryRun || isDryRun(planned);
      const scope = openScope(
        {...context, ...(dryRun && context.forDryRun?.()), dryRun, step: index + 1},
        execution,
      );
      const task = execution.guard?.(planned.task) ?? planned.task;
      const raw = await runTask({...planned, task}, scope, skipped);
      const report = (await onEnd?.(raw, planned)) ?? raw;
      reports.push(report);
      ended.set(planned, report);
    }
  } finally {
    await house.end(true);
  }
  return reports;
}

/** The report of a task that was never started. */
export function notRun(name: string): TaskReport {
  return {name, status: 'not-run', seconds: 0, dryRun: false, result: [], failures: [], skipped: []};
}

async function runTask(
  planned: PlannedTask,
  {context, end}: TaskScope,
  skipped: ItemSkip[],
): Promise<TaskReport> {
  const {name, task, options} = planned;
  const started = performance.now();
  const run = task.run as (options: unknown, context: unknown) => Promise<unknown>;
  const outcome = await settle(async () => {
    await lockFor(planned, context);
    return run(options, context);
  }, context.signal);
  await end(outcome.status === 'failed' || context.signal.aborted);
  return {
    name,
    dryRun: context.dryRun,
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
    if (error instanceof ExitWith || error instanceof RefusedPlan)
      return {status: 'failed', result: error.result, failures: [], error};
    if (!(error instanceof SomeFailed)) return {status: 'failed', result: [], failures: [], error};
    const {result, failures} = error;
    return {status: result.length > 0 ? 'partial' : 'failed', result, failures, error};
  }
}

/** What Node's own functions throw when their signal is aborted, whatever its reason. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isFailure({status}: TaskReport): boolean {
  return status === 'failed' || status === 'partial';
}
