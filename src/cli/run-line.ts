/** Runs the tasks of a command line: checks them all, runs them in order, reports. */
import {InterruptedError} from '../errors.ts';
import type {Display} from '../runner/display/display.ts';
import {notRun, type PlannedTask, runTasks, type TaskReport} from '../runner/execute.ts';
import {ProgressModel} from '../runner/progress.ts';
import type {RunContext, Task} from '../runner/task.ts';
import {watchAccidents} from './accident.ts';
import {type Problem, usageError} from './argv/problem.ts';
import type {Sliced} from './argv/slice.ts';
import {chooseDisplay} from './choose-display.ts';
import type {CoreOptions} from './core-options.ts';
import {exitCodeOf, signalExitCode, worstExitCode} from './exit-code.ts';
import {listenForInterrupt} from './interrupt.ts';
import {openRun} from './open-run.ts';
import {resultText, runDocument} from './output.ts';
import {colours, type Paint, plain, wantsColour} from './paint.ts';
import {closingLine, errorLines, failureLines} from './talk.ts';
import type {TaskFile} from './task-file/open.ts';
import {ownError} from './task-file/task-file-error.ts';
import type {Conversation} from './terminal/conversation.ts';
import type {Wiring} from './wiring.ts';
import type {World} from './world.ts';

/** The command line, cut along the tasks of its task file. */
export interface Line extends Pick<Sliced, 'slices' | 'problems'> {
  readonly core: CoreOptions;
  readonly taskFile: TaskFile;
}

/** Runs the line and returns the exit code. @throws UsageError when any task's options are wrong; none ran then */
export async function runLine(line: Line, world: World, wiring: Wiring): Promise<number> {
  const planned = await plan(line);
  const {core, taskFile} = line;
  const paint = wantsColour(world, core.color) ? await colours() : plain;
  const say = (lines: readonly string[]) => lines.length > 0 && world.stderr.write(`${lines.join('\n')}\n`);
  const model = new ProgressModel();
  const display = await chooseDisplay(model, {core, paint, world});
  let conversation: Conversation | undefined;
  const interrupt = listenForInterrupt(world, {
    onFirst: (signal) => model.warn(`${signal}: stopping and cleaning up; once more ends ftask at once`),
    onSecond: () => {
      display.abandon();
      conversation?.abandon();
    },
  });
  const accidents = watchAccidents(world, interrupt.stop);
  const stopHearing = world.onConsole((line) => model.note(line));
  const {signal} = interrupt;
  const place = {core, world, display, model, signal, interrupt: () => interrupt.press('SIGINT')};
  const opened = openRun(place);
  const {run, flush} = opened;
  conversation = opened.conversation;

  const told = new Set<unknown>();
  const end = async (raw: TaskReport): Promise<TaskReport> => {
    await display.finish();
    await flush();
    told.add(raw.error);
    const task = planned.find(({name}) => name === raw.name)?.task;
    const {text, ...failed} = task ? textOf(raw, task, core, world) : {text: ''};
    const error = failed.error ?? raw.error;
    const report = {...raw, ...failed, ...(error !== undefined && {error: ownError(error, taskFile.code)})};
    world.stdout.write(text);
    say(reportLines(report, core, paint));
    return report;
  };
  const guarded = planned.map(({task, ...rest}) => ({...rest, task: accidents.guard(task)}));
  const outcome = await runAll(guarded, {core, run, wiring, display, end});
  for (const stop of [interrupt.ignore, accidents.ignore, stopHearing]) stop();
  const {first} = accidents;
  const untold = first === undefined || told.has(first) ? undefined : ownError(first, taskFile.code);
  const {reports, error = untold} = outcome;

  if (error !== undefined) say(errorLines(error, paint, core.verbose));
  if (!core.quiet) say(reports.filter(isNotRun).map((report) => closingLine(report, paint)));
  const exit = interrupt.by ? signalExitCode(interrupt.by) : exitCodeOfAll(reports, error);
  if (core.json) world.stdout.write(runDocument({exit, run: run.runId, tasks: reports, error}));
  return exit;
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

/** Checks every slice before any task runs. */
async function plan({slices, taskFile, problems: told}: Line): Promise<PlannedTask[]> {
  const {parseSlice} = await import('./argv/parse.ts');
  const tasks = await taskFile.load(slices.map(({task}) => task.name));
  const planned: PlannedTask[] = [];
  const problems: Problem[] = [...told];
  for (const slice of slices) {
    const {name} = slice.task;
    const task = tasks.get(name);
    if (!task) throw new Error(`task ${name} is in the cache but not in the task file`);
    const parsed = await parseSlice(slice, task);
    problems.push(...parsed.problems);
    planned.push({name, task, options: parsed.options});
  }
  if (problems.length > 0) throw usageError(problems);
  return planned;
}

interface Running {
  readonly core: CoreOptions;
  readonly run: RunContext;
  readonly wiring: Wiring;
  readonly display: Display;
  readonly end: (report: TaskReport) => Promise<TaskReport>;
}

interface RunOutcome {
  readonly reports: readonly TaskReport[];
  /** What kept the run as a whole from being done. */
  readonly error?: unknown;
}

/** Runs all tasks, then closes what they worked with and takes back what the run left half done. */
async function runAll(planned: readonly PlannedTask[], running: Running): Promise<RunOutcome> {
  const {core, run, wiring, display, end} = running;
  const closers: (() => Promise<void>)[] = [];
  const open = async (given: RunContext) => {
    const context = await wiring.createContext(given, core);
    closers.push(() => context.close());
    return context;
  };
  try {
    const onStart = (name: string) => display.begin(name);
    const reports = await runTasks(planned, {keepGoing: core.keepGoing, run, open, onStart, onEnd: end});
    return {reports};
  } catch (error) {
    return {reports: planned.map(({name}) => notRun(name)), error};
  } finally {
    await display.finish();
    await run.undo.unwind();
    for (const close of closers) await close();
  }
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

function exitCodeOfAll(reports: readonly TaskReport[], error: unknown): number {
  const errors = [error, ...reports.map((report) => report.error)].filter((one) => one !== undefined);
  return worstExitCode(errors.map(exitCodeOf));
}

function isNotRun({status}: TaskReport): boolean {
  return status === 'not-run';
}
