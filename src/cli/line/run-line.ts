/** Runs the tasks of a command line: checks them all, runs them in order, reports. */
import {InterruptedError} from '../../errors.ts';
import type {Display} from '../../runner/display/display.ts';
import {
  type Execution,
  notRun,
  type PlannedTask,
  runTasks,
  type TaskReport,
} from '../../runner/execution/execute.ts';
import {askBefore} from '../../runner/execution/guards.ts';
import {ExitWith} from '../../runner/outcome.ts';
import {ProgressModel} from '../../runner/progress.ts';
import type {RunContext, Task} from '../../runner/task.ts';
import type {CoreOptions} from '../core-options.ts';
import {exitCodeOf, signalExitCode, worstExitCode} from '../exit-code.ts';
import {ownError} from '../task-file/task-file-error.ts';
import {failureLines} from '../text/failure-lines.ts';
import {resultText, runDocument} from '../text/output.ts';
import {colours, type Paint, plain, wantsColour} from '../text/paint.ts';
import {closingLine, errorLines} from '../text/talk.ts';
import type {Wiring} from '../wiring.ts';
import type {World} from '../world.ts';
import {watchAccidents} from './accident.ts';
import {chooseDisplay} from './choose-display.ts';
import {listenForInterrupt} from './interrupt.ts';
import {type OpenRun, openRun} from './open-run.ts';
import {type Line, planLine} from './plan-line.ts';

/** Runs the line and returns the exit code. @throws UsageError when any task's options are wrong; none ran then */
export async function runLine(line: Line, world: World, wiring: Wiring): Promise<number> {
  const {planned, nameOf} = await planLine(line);
  const {core, taskFile} = line;
  const paint = wantsColour(world, core.color) ? await colours() : plain;
  const say = (lines: readonly string[]) => lines.length > 0 && world.stderr.write(`${lines.join('\n')}\n`);
  const model = new ProgressModel();
  const display = await chooseDisplay(model, {core, paint, world});
  let abandonRun = () => {};
  const interrupt = listenForInterrupt(world, {
    onFirst: (signal) => model.warn(`${signal}: stopping and cleaning up; once more ends ftask at once`),
    onSecond: () => {
      display.abandon();
      abandonRun();
    },
  });
  const accidents = watchAccidents(world, interrupt.stop);
  const stopHearing = world.onConsole((line) => model.note(line));
  const {signal, press} = interrupt;
  const opened = openRun({core, world, display, model, signal, interrupt: () => press('SIGINT')});
  abandonRun = opened.abandon;

  const told = new Set<unknown>();
  const end = async (raw: TaskReport, {task}: PlannedTask): Promise<TaskReport> => {
    await display.finish();
    await opened.flush();
    told.add(raw.error);
    const {text, ...failed} = textOf(raw, task, core, world);
    const error = failed.error ?? raw.error;
    const report = {...raw, ...failed, ...(error !== undefined && {error: ownError(error, taskFile.code)})};
    world.stdout.write(text);
    say(reportLines(report, core, paint));
    return report;
  };
  const outcome = await runAll(planned, {core, opened, wiring, display, nameOf, end, guard: accidents.guard});
  for (const stop of [interrupt.ignore, accidents.ignore, stopHearing]) stop();
  const {first} = accidents;
  const untold = first === undefined || told.has(first) ? undefined : ownError(first, taskFile.code);
  const {reports, error = untold} = outcome;

  if (error !== undefined && !(error instanceof InterruptedError))
    say(errorLines(error, paint, core.verbose));
  if (!core.quiet) say(reports.filter(isNotRun).map((report) => closingLine(report, paint)));
  const errors = [error, ...reports.map((report) => report.error)].filter((one) => one !== undefined);
  const exit = interrupt.by ? signalExitCode(interrupt.by) : exitCodeOfLine(errors, line);
  if (core.json) world.stdout.write(runDocument({exit, run: opened.run.runId, tasks: reports, error}));
  return exit;
}

/** A task that is alone on the line may have an exit code of its own. */
function exitCodeOfLine(errors: readonly unknown[], {slices, core}: Line): number {
  const [only] = errors;
  const isAlone = slices.length === 1 && !core.keepGoing && errors.length === 1;
  return isAlone && only instanceof ExitWith ? only.exitCode : worstExitCode(errors.map(exitCodeOf));
}

/** What stdout gets of a result now. One that cannot be shown is a failure of its task, and is told as one. */
function textOf(
  report: TaskReport,
  task: Task,
  {json}: CoreOptions,
  {stdout}: World,
): {text: string} & Partial<TaskReport> {
  try {
    if (!json) return {text: resultText(report, task, stdout)};
    JSON.stringify(report.result);
    return {text: ''};
  } catch (error) {
    return {text: '', status: 'failed', result: [], error};
  }
}

interface Running extends Pick<Execution, 'nameOf'> {
  readonly core: CoreOptions;
  readonly opened: OpenRun;
  readonly wiring: Wiring;
  readonly display: Display;
  readonly end: (report: TaskReport, planned: PlannedTask) => Promise<TaskReport>;
  readonly guard: (task: Task) => Task;
}

interface RunOutcome {
  readonly reports: readonly TaskReport[];
  /** What kept the run as a whole from being done. */
  readonly error?: unknown;
}

/** Asks what is to be asked, runs all tasks, then closes what they worked with. */
async function runAll(planned: readonly PlannedTask[], running: Running): Promise<RunOutcome> {
  const {core, opened, wiring, display, nameOf, end, guard} = running;
  const {run, locks} = opened;
  const closers: (() => Promise<void>)[] = [];
  const open = async (given: RunContext) => {
    const context = await wiring.createContext(given, core);
    closers.push(() => context.close());
    return context;
  };
  const execution = {
    keepGoing: core.keepGoing,
    run,
    open,
    nameOf,
    guard,
    takeLock: (name: string) => locks.take(name),
    onStart: (name: string) => display.begin(name),
    onEnd: end,
  };
  const tasks = async () => {
    for (const one of planned) await askBefore(one, run);
    return {reports: await runTasks(planned, execution)};
  };
  const notOne = (error: unknown) => ({reports: planned.map(({name}) => notRun(name)), error});
  const outcome: RunOutcome = await tasks().catch(notOne);
  await display.finish();
  await opened.flush();
  const [failure] = (await Promise.allSettled(closers.map((close) => close()))).filter(isRejected);
  return failure ? {error: failure.reason, ...outcome} : outcome;
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}

function reportLines(report: TaskReport, core: CoreOptions, paint: Paint): string[] {
  const {error, failures} = report;
  const isError = error !== undefined && !(error instanceof InterruptedError);
  return [
    ...failureLines(report, paint),
    ...(isError && failures.length === 0 ? errorLines(error, paint, core.verbose) : []),
    ...(core.quiet && report.status === 'done' ? [] : [closingLine(report, paint)]),
  ];
}

function isNotRun({status}: TaskReport): boolean {
  return status === 'not-run';
}
