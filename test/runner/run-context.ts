/** What a task is given where nobody looks on and nobody can be asked. */
import {Readable} from 'node:stream';
import {systemClock} from '../../src/clock.ts';
import {UsageError} from '../../src/errors.ts';
import type {Outlet} from '../../src/runner/outlet.ts';
import {ProgressModel} from '../../src/runner/progress.ts';
import type {RunContext} from '../../src/runner/task.ts';
import {UndoStack} from '../../src/runner/undo.ts';

const nowhere: Outlet = {isTerminal: false, columns: 80, isClosed: false, write: async () => {}};

/** A fresh context; `own` takes the place of its parts. */
export function bareContext(own: Partial<RunContext> = {}): RunContext {
  const nobody = async () => {
    throw new UsageError('NoTerminal', 'there is no terminal');
  };
  return {
    runId: '20261121T000000Z-abcdef',
    resumed: false,
    step: 1,
    clock: systemClock,
    signal: new AbortController().signal,
    undo: new UndoStack(),
    progress: new ProgressModel(),
    dryRun: false,
    env: {},
    out: nowhere,
    err: nowhere,
    skip: () => {},
    stdin: () => Readable.from([]),
    ask: nobody,
    confirm: nobody,
    lock: async () => {},
    call: async () => [],
    ...own,
  };
}
