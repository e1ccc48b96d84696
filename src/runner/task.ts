/** A task: a summary, options as a zod object, one async function. Everything else is derived from it. */
import type {Readable} from 'node:stream';
import type {z} from 'zod';
import type {Clock} from '../clock.ts';
import type {Secret} from '../secret.ts';
import type {ItemSkip} from './outcome.ts';
import type {Outlet} from './outlet.ts';
import type {Progress} from './progress.ts';
import type {Terminal} from './terminal.ts';
import type {UndoStack} from './undo.ts';

/** What every task is given, whatever it works on. */
export interface RunContext {
  /** This run's id: in the tags of all that it makes. */
  readonly runId: string;
  /** Which task of the command line this is, from 1. */
  readonly step: number;
  /** True when the operator asked to finish an earlier run (`--resume RUN`). */
  readonly resumed: boolean;
  readonly clock: Clock;
  /** Aborted on Ctrl-C: start nothing new, let what is half done be undone. */
  readonly signal: AbortSignal;
  readonly undo: UndoStack;
  readonly progress: Progress;
  /** Change nothing, only tell what would be done: `--dry-run`, or what the task's own options say. */
  readonly dryRun: boolean;
  /** What the house gives to a task that is a dry run by its own options, instead of what it gives to the run. */
  forDryRun?(): object;
  /** Variables for what the task runs, from `--set KEY=VALUE`. */
  readonly env: Readonly<Record<string, string>>;
  /** stdout, for data that the task shows by itself. */
  readonly out: Outlet;
  /** stderr, as it is: for the errors of one command that is passed through. */
  readonly err: Outlet;
  /** Where there is one to type on. */
  readonly terminal?: Terminal;
  /** Reports an item that is left out on purpose; it appears in `--json` and in the closing line. */
  skip(skip: ItemSkip): void;
  /** What is piped into ftask; nobody may read it twice. */
  stdin(): Readable;
  /** Asks on the terminal for what nobody may see. @throws UsageError 'NoTerminal'; the signal's reason on Ctrl-C */
  ask(question: string): Promise<Secret>;
  /** Asks on the terminal; `--yes` answers. @throws UsageError 'NoTerminal'; the signal's reason on Ctrl-C */
  confirm(question: string): Promise<boolean>;
  /**
   * Takes a lock by its name, until the task has ended and is undone; this task may take it again.
   * @throws RefusedError 'Locked', which names the owner
   */
  lock(name: string): Promise<void>;
  /**
   * Runs another task as a part of this one and returns its rows. Options are checked, and those not given have
   * their defaults, as on the command line; its `before` and `after` are not run. @throws what it throws
   */
  call<Shape extends z.ZodRawShape, Row>(
    task: Callable<Shape, Row>,
    options?: NoInfer<z.input<z.ZodObject<Shape>>>,
  ): Promise<readonly Row[]>;
}

/** What `call` needs of a task. */
export interface Callable<Shape extends z.ZodRawShape, Row> {
  readonly options: z.ZodObject<Shape>;
  readonly run: (
    options: z.output<z.ZodObject<Shape>>,
    context: never,
  ) => Promise<readonly Row[] | Row | undefined>;
}

/** Fields of a row, in order. */
export type Columns<Row> = readonly (keyof Row & string)[];

/** How a task's result is shown. Without it, strings are lines and objects are rows of all their fields. */
export interface TaskOutput<Row> {
  /** The identifier that a pipe gets, one a line, and nothing where it is empty; all of a row by default. */
  readonly id?: (row: Row) => string;
  /** The columns of the table on a terminal, or what chooses them for these rows; all fields by default. */
  readonly columns?: Columns<Row> | ((rows: readonly Row[]) => Columns<Row>);
  /** How many rows the table on a terminal has at most; how many are left out is said. All by default. */
  readonly mostRows?: number;
  /** The task has shown its result with `out`; only `--json` still prints it. */
  readonly ownText?: true;
}

export interface TaskDefinition<Shape extends z.ZodRawShape, Row, Context> {
  /** One sentence for `--list` and `--help`. */
  readonly summary: string;
  /** More for `--help`: paragraphs, examples. */
  readonly description?: string;
  /** The heading it is listed under. */
  readonly section?: string;
  readonly options: z.ZodObject<Shape>;
  readonly output?: TaskOutput<Row>;
  /** Run before it on the command line, each once with equal options; one that fails keeps this task from running. */
  readonly before?: readonly (Task | TaskCall)[];
  /** Run after it on the command line, if it succeeded; each once with equal options. */
  readonly after?: readonly (Task | TaskCall)[];
  /** Asks before anything runs, `--yes` answers; a text says what will be lost, undefined that nothing will. */
  readonly destructive?: true | string | ((options: z.output<z.ZodObject<Shape>>) => string | undefined);
  /** Never runs twice at once for this user on this machine: under its own name, or under another that tasks share. */
  readonly lock?: true | string | ((options: z.output<z.ZodObject<Shape>>) => string);
  /** Whether other options than `dryRun` make it a dry run. */
  readonly onlyTells?: (options: z.output<z.ZodObject<Shape>>) => boolean;
  /** Returns what was made, one row an item (or nothing). Throws `SomeFailed` when some items failed. */
  readonly run: (
    options: z.output<z.ZodObject<Shape>>,
    context: Context,
  ) => Promise<readonly Row[] | Row | undefined>;
}

const TASK = Symbol.for('ftask.task');

/** A task whose types have been forgotten: what the registry holds. */
export interface Task {
  readonly [TASK]: true;
  readonly summary: string;
  readonly description?: string;
  readonly section?: string;
  readonly options: z.ZodObject;
  readonly output?: TaskOutput<never>;
  readonly before?: readonly (Task | TaskCall)[];
  readonly after?: readonly (Task | TaskCall)[];
  readonly destructive?: true | string | ((options: never) => string | undefined);
  readonly lock?: true | string | ((options: never) => string);
  readonly onlyTells?: (options: never) => boolean;
  readonly run: (options: never, context: never) => Promise<unknown>;
}

/** A task with the options it is to be run with, for `before` and `after`. */
export interface TaskCall {
  readonly task: Task;
  readonly options: unknown;
}

/** Makes a task of its definition. `Context` is what the house hands to `run`. */
export function defineTask<Shape extends z.ZodRawShape, Row, Context extends RunContext>(
  definition: TaskDefinition<Shape, Row, Context>,
): Task & TaskDefinition<Shape, Row, Context> {
  return {...definition, [TASK]: true} as Task & TaskDefinition<Shape, Row, Context>;
}

/** Tells a task from anything else that a task file exports. */
export function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && TASK in value;
}

/** A task with options, for `before` and `after` of another one; what is not given has its default. */
export function call<Shape extends z.ZodRawShape>(
  task: Task & {readonly options: z.ZodObject<Shape>},
  options: NoInfer<z.input<z.ZodObject<Shape>>>,
): TaskCall {
  return {task, options};
}
