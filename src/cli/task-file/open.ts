/** A task file: its tasks as data from the cache where that can be, its code when a task runs. */
import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {relative} from 'node:path';
import {pathToFileURL} from 'node:url';
import {collectTasks} from '../../runner/registry.ts';
import type {Task} from '../../runner/task.ts';
import {type TaskSpec, taskSpec} from '../../runner/task-spec.ts';
import type {Wiring} from '../wiring.ts';
import {bundleTaskFile} from './bundle.ts';
import type {CacheFolder} from './cache.ts';
import {importError, type OwnCode, TaskFileError} from './task-file-error.ts';

export interface TaskFile {
  /** Undefined: the packaged tasks. */
  readonly path: string | undefined;
  /** The file's tasks, then ftask's own commands. */
  readonly tasks: readonly TaskSpec[];
  readonly code: OwnCode;
  /** The code of the tasks named. */
  load(names: readonly string[]): Promise<ReadonlyMap<string, Task>>;
}

export interface OpenOptions {
  readonly wiring: Wiring;
  readonly cache: CacheFolder;
  readonly cwd: string;
  /** Called before code of the user's is imported, so that its errors point into its sources. */
  readonly mapStackTraces: () => void;
}

/** Opens the task file; nothing of it is run if it has not changed since the last time. */
export async function openTaskFile(path: string | undefined, options: OpenOptions): Promise<TaskFile> {
  const entry = `${hash([path ?? '', options.wiring.version, options.wiring.root])}.json`;
  const cached = readRecord(entry, options.cache);
  if (cached && isCurrent(cached)) return taskFile(path, cached, options);
  const record = await makeRecord(path, options);
  options.cache.write(entry, JSON.stringify(record));
  if (cached?.module && cached.module !== record.module) options.cache.remove(cached.module);
  return taskFile(path, record, options);
}

/** What the cache keeps of a task file. */
interface Record {
  /** Of the contents of `inputs`. */
  readonly hash: string;
  readonly inputs: readonly string[];
  /** The file with the transpiled code. */
  readonly module: string | undefined;
  readonly own: readonly string[];
  readonly tasks: readonly TaskSpec[];
  readonly commands: readonly TaskSpec[];
}

const COMMAND_SECTION = 'ftask itself';

function readRecord(entry: string, cache: CacheFolder): Record | undefined {
  const text = cache.read(entry);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCurrent({module, hash, inputs}: Record): boolean {
  return (module === undefined || existsSync(module)) && hash === hashFiles(inputs);
}

async function makeRecord(path: string | undefined, options: OpenOptions): Promise<Record> {
  const {wiring, cache, cwd} = options;
  const bundle = path === undefined ? undefined : await bundleTaskFile(path, {...wiring, cwd});
  const module = bundle && cache.write(`${hash([bundle.code])}.mjs`, bundle.code);
  const own = bundle?.inputs ?? [];
  const inputs = [...wiring.installation, ...own];
  const tasks = await importTasks(path, module, own, options);
  if (tasks.size === 0) throw noTasks(path, cwd);
  const packaged = path === undefined ? new Map() : await importTasks(undefined, undefined, [], options);
  const commands = collectTasks(await wiring.loadCommands());
  return {
    hash: hashFiles(inputs) ?? '',
    inputs,
    module,
    own,
    tasks: ownFirst(tasks, new Set(packaged.values())).map(([name, task]) => taskSpec(name, task)),
    commands: [...commands]
      .filter(([name]) => !tasks.has(name))
      .map(([name, task]) => ({section: COMMAND_SECTION, ...taskSpec(name, task)})),
  };
}

/** What is not the file's own comes behind it: `export * from 'ftask/tasks'` mixes both by the alphabet. */
function ownFirst(tasks: ReadonlyMap<string, Task>, packaged: ReadonlySet<Task>): [string, Task][] {
  const own = [...tasks].filter(([, task]) => !packaged.has(task));
  return [...own, ...[...tasks].filter(([, task]) => packaged.has(task))];
}

function taskFile(path: string | undefined, record: Record, options: OpenOptions): TaskFile {
  const {tasks, commands, module, own} = record;
  return {
    path,
    tasks: [...tasks, ...commands],
    code: ownCode(own, options),
    load: async (names) => {
      const isNeeded = ({name}: TaskSpec) => names.includes(name);
      const fromFile = tasks.some(isNeeded) ? await importTasks(path, module, own, options) : [];
      const fromHouse = commands.some(isNeeded) ? collectTasks(await options.wiring.loadCommands()) : [];
      return new Map([...fromHouse, ...fromFile]);
    },
  };
}

async function importTasks(
  path: string | undefined,
  module: string | undefined,
  own: readonly string[],
  options: OpenOptions,
): Promise<Map<string, Task>> {
  if (path === undefined || module === undefined) {
    return collectTasks(await import(options.wiring.modules['ftask/tasks']));
  }
  options.mapStackTraces();
  try {
    return collectTasks(await import(pathToFileURL(module).href));
  } catch (error) {
    throw importError(error, ownCode(own, options), path);
  }
}

function ownCode(own: readonly string[], {wiring, cwd}: OpenOptions): OwnCode {
  return {files: new Set(own), root: wiring.root, cwd};
}

function noTasks(path: string | undefined, cwd: string): TaskFileError {
  const shown = path === undefined ? 'the packaged task file' : relative(cwd, path);
  return new TaskFileError(`${shown} exports no task`, {
    hint: "export const hello = task({...}), with `import {task} from 'ftask'`",
  });
}

function hashFiles(paths: readonly string[]): string | undefined {
  try {
    return hash(paths.map((path) => readFileSync(path)));
  } catch {
    return undefined;
  }
}

function hash(parts: readonly (string | Buffer)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(String(part.length)).update(':').update(part);
  return sum.digest('hex').slice(0, 32);
}
