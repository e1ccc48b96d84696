/** The command line from its words to its exit code. */
import {UsageError} from '../errors.ts';
import {coreOptions} from './argv/core-words.ts';
import {usageError} from './argv/problem.ts';
import {sliceArgv} from './argv/slice.ts';
import {complete} from './completion/complete.ts';
import {completionScript} from './completion/script.ts';
import type {CoreOptions} from './core-options.ts';
import {exitCodeOf} from './exit-code.ts';
import type {Line} from './line/plan-line.ts';
import {openCache, temporaryCache} from './task-file/cache.ts';
import {findTaskFile} from './task-file/find.ts';
import {openTaskFile, type TaskFile} from './task-file/open.ts';
import {listTasks, mainHelp, taskHelp} from './text/help.ts';
import {colours, plain, wantsColour} from './text/paint.ts';
import {errorLines} from './text/talk.ts';
import type {Wiring} from './wiring.ts';
import type {World} from './world.ts';

const NARROW = 80;
const WIDE = 100;

/** Does what argv says and returns the exit code. Never throws, never ends the process by itself. */
export async function runCli(world: World, wiring: Wiring): Promise<number> {
  const cache = wiring.isCached ? openCache(world) : temporaryCache();
  const open = async (file?: string) => {
    const {cwd, mapStackTraces} = world;
    return openTaskFile(findTaskFile(world, file), {wiring, cache, cwd, mapStackTraces});
  };
  let core = coreOptions(sliceArgv(world.argv, []).core).core;
  try {
    if (world.argv[0] === '--complete') return await printCompletions(world, wiring, open);
    refuseBrokenText(world.argv);
    if (core.version) return print(world, core, `${wiring.version}\n`, {version: wiring.version});
    const line = await readLine(world.argv, open);
    core = line.core;
    const answered = await answer(world, line);
    if (answered !== undefined) return answered;
    // Help, lists and completion start faster without what runs tasks.
    const {runLine} = await import('./line/run-line.ts');
    return await runLine(line, world, wiring);
  } catch (error) {
    return await reportError(error, world, core);
  } finally {
    cache.close();
  }
}

/** Node puts U+FFFD for bytes that are not UTF-8: another word than was typed would reach a host. */
function refuseBrokenText(argv: readonly string[]): void {
  const broken = argv.find((word) => word.includes('\uFFFD'));
  if (broken !== undefined) throw new UsageError('BadWord', `this word is not valid UTF-8: ${broken}`);
}

type Open = (file?: string) => Promise<TaskFile>;

/** `-f` counts before the first task in any case, and behind a task unless that has such an option itself. */
async function readLine(argv: readonly string[], open: Open): Promise<Line> {
  const before = coreOptions(sliceArgv(leadingCoreWords(argv), []).core).core;
  let taskFile = await open(before.file);
  let sliced = sliceArgv(argv, taskFile.tasks, taskFile.path);
  let {core, problems} = coreOptions(sliced.core);
  if (core.file !== before.file) {
    taskFile = await open(core.file);
    sliced = sliceArgv(argv, taskFile.tasks, taskFile.path);
    ({core, problems} = coreOptions(sliced.core));
  }
  const {slices, core: coreWords} = sliced;
  return {core, coreWords, taskFile, slices, problems: [...sliced.problems, ...problems]};
}

function leadingCoreWords(argv: readonly string[]): readonly string[] {
  const {coreWords} = sliceArgv(argv, []);
  const end = argv.findIndex((word, index) => word !== coreWords[index]);
  return end < 0 ? argv : argv.slice(0, end);
}

/** Help, list and completion: what needs no task to run. Undefined when tasks are to run. */
async function answer(world: World, line: Line): Promise<number | undefined> {
  const {core, taskFile, slices, problems} = line;
  const {tasks} = taskFile;
  const width = Math.min(WIDE, world.stdout.columns || NARROW);
  if (core.help && slices.length > 0) {
    const helps = slices.map(({task}) => taskHelp(task, width));
    return print(world, core, helps.join('\n'), {tasks: slices.map(({task}) => task)});
  }
  if (core.help) return print(world, core, mainHelp(tasks, width), {tasks});
  if (problems.length > 0 && slices.length === 0) throw usageError(problems);
  if (core.list) return print(world, core, listTasks(tasks, width), {tasks});
  if (core.completion) return print(world, core, completionScript(core.completion), {});
  if (slices.length === 0) return print(world, core, mainHelp(tasks, width), {tasks});
  return undefined;
}

/** Completion never says what is wrong: it has nothing to offer then. */
async function printCompletions(world: World, wiring: Wiring, open: Open): Promise<number> {
  const words = world.argv.slice(world.argv[1] === '--' ? 2 : 1);
  const {core} = coreOptions(sliceArgv(words.slice(0, -1), []).core);
  const taskFile = await open(core.file).catch(() => undefined);
  const none = {hosts: [], roles: []};
  const hostNames = () => wiring.hostNames(core).catch(() => none);
  const lines = await complete(words, taskFile?.tasks ?? [], hostNames);
  world.stdout.write(lines.map((text) => `${text}\n`).join(''));
  return 0;
}

function print(world: World, core: CoreOptions, text: string, data: object): number {
  world.stdout.write(core.json ? `${JSON.stringify({ok: true, exit: 0, ...data})}\n` : text);
  return 0;
}

/** An error before any task ran. */
async function reportError(error: unknown, world: World, core: CoreOptions): Promise<number> {
  const exit = exitCodeOf(error);
  const paint = wantsColour(world, core.color) ? await colours() : plain;
  world.stderr.write(`${errorLines(error, paint, core.verbose).join('\n')}\n`);
  if (core.json) {
    const {runDocument} = await import('./text/output.ts');
    world.stdout.write(runDocument({exit, run: null, tasks: [], error}));
  }
  return exit;
}
