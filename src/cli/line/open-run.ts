/** What a run gives its tasks, made of the core options and the world. */
import {homedir, hostname, userInfo} from 'node:os';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import type {Display} from '../../runner/display/display.ts';
import type {GivenRun} from '../../runner/execution/task-scope.ts';
import {Locks} from '../../runner/lock/locks.ts';
import type {Outlet} from '../../runner/outlet.ts';
import type {Progress} from '../../runner/progress.ts';
import {newRunId} from '../../runner/run-id.ts';
import type {CoreOptions} from '../core-options.ts';
import {Conversation} from '../terminal/conversation.ts';
import {StreamOutlet} from '../terminal/outlet.ts';
import type {World} from '../world.ts';

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
  readonly run: GivenRun;
  readonly locks: Locks;
  /** Writes what tasks have given to `out` and `err`. */
  flush(): Promise<void>;
  /** The process ends in this very moment: gives back the terminal and the locks. */
  abandon(): void;
}

/** The context of a run. Nothing is touched before a task does. */
export function openRun(place: RunPlace): OpenRun {
  const {core, world, display, model, signal} = place;
  const clock = systemClock;
  const conversation = new Conversation({...place, yes: core.yes, flush: () => flush()});
  const out = new StreamOutlet({sink: world.stdout, display, signal});
  const err = new StreamOutlet({sink: world.stderr, display, signal});
  const terminal = conversation.terminal();
  const runId = core.resume ?? newRunId(clock.now());
  const run: GivenRun = {
    runId,
    resumed: core.resume !== undefined,
    clock,
    signal,
    progress: model,
    dryRun: core.dryRun,
    env: core.set,
    out: core.json ? silent(out) : out,
    err,
    ...(terminal && {terminal}),
    stdin: () => world.stdin(),
    ask: (question) => conversation.ask(question),
    confirm: (question) => conversation.confirm(question),
  };
  const {env, argv, pid} = world;
  const locks = new Locks({
    folder: join(
      env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'),
      'ftask',
      'locks',
    ),
    owner: {user: userName(), host: hostname(), pid, runId, command: publicWords(argv).join(' ')},
    waitMs: core.lockWait ?? 0,
    clock,
    signal,
    progress: model,
  });
  const flush = async () => {
    await out.flush();
    await err.flush();
  };
  const abandon = () => {
    conversation.abandon();
    locks.releaseAll();
  };
  return {run, locks, flush, abandon};
}

/** The words of a command line that anyone may read: no variables, no remote commands. */
function publicWords(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? [...argv] : [...argv.slice(0, end), '--', '...'];
  return words.map((word, index) => {
    if (words[index - 1] === '--set') return word.replace(/=.*/s, '=...');
    return word.replace(/^(--set=[^=]*)=.*/s, '$1=...').replace(/\/\/[^/@]*@/, '//...@');
  });
}

/** A user without an entry in the system's table is known by the number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function silent({isTerminal, columns}: Outlet): Outlet {
  return {isTerminal, columns, isClosed: false, write: async () => {}};
}
