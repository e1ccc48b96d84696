/** What a run gives its tasks, made of the core options and the world. */
import {systemClock} from '../clock.ts';
import {callTask} from '../runner/call.ts';
import type {Display} from '../runner/display/display.ts';
import type {Outlet} from '../runner/outlet.ts';
import type {Progress} from '../runner/progress.ts';
import {newRunId} from '../runner/run-id.ts';
import type {RunContext, Task} from '../runner/task.ts';
import {UndoStack} from '../runner/undo.ts';
import type {CoreOptions} from './core-options.ts';
import {Conversation} from './terminal/conversation.ts';
import {StreamOutlet} from './terminal/outlet.ts';
import type {World} from './world.ts';

export interface RunPlace {
  readonly core: CoreOptions;
  readonly world: World;
  readonly display: Display;
  readonly model: Progress;
  readonly signal: AbortSignal;
  /** Ctrl-C, as a key. */
  readonly interrupt: () => void;
}

export interface OpenRun {
  readonly run: RunContext;
  readonly conversation: Conversation;
  /** Writes what tasks have given to `out` and `err`. */
  flush(): Promise<void>;
}

/** The context of a run. Nothing is touched before a task does. */
export function openRun(place: RunPlace): OpenRun {
  const {core, world, display, model, signal} = place;
  const clock = systemClock;
  const conversation = new Conversation({...place, yes: core.yes});
  const out = new StreamOutlet({sink: world.stdout, display, signal});
  const err = new StreamOutlet({sink: world.stderr, display, signal});
  const terminal = conversation.terminal();
  const run: RunContext = {
    runId: core.resume ?? newRunId(clock.now()),
    resumed: core.resume !== undefined,
    step: 1,
    clock,
    signal,
    undo: new UndoStack(),
    progress: model,
    dryRun: core.dryRun,
    env: core.set,
    out: core.json ? silent(out) : out,
    err,
    ...(terminal && {terminal}),
    skip: () => {},
    stdin: () => world.stdin(),
    ask: (question) => conversation.ask(question),
    confirm: (question) => conversation.confirm(question),
    call: (task, options) => callTask(task as unknown as Task, options, run) as Promise<never>,
  };
  const flush = async () => {
    await out.flush();
    await err.flush();
  };
  return {run, conversation, flush};
}

function silent({isTerminal, columns}: Outlet): Outlet {
  return {isTerminal, columns, isClosed: false, write: async () => {}};
}
