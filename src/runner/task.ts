/** A task: a summary, options as a zod object, one async function. Everything else is derived from it. */
import type {z} from 'zod';
import type {Clock} from '../clock.ts';
import type {ItemSkip} from './outcome.ts';
import type {Progress} from './progress.ts';
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
  /** Reports an item that is left out on purpose; it appears in `--json` and in the closing line. */
  skip(skip: ItemSkip): void;
}

/** How a task's result is shown. Without it, strings are lines and objects are rows of all their fields. */
export interface TaskOutput<Row> {
  /** The identifier that a pipe gets, one a line. */
  readonly id: (row: Row) => string;
  /** The columns of the table on a terminal, in order; all fields by default. */
  readonly columns?: readonly (keyof Row & string)[];
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
  readonly run: (options: never, context: never) => Promise<unknown>;
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
