/** What work on an application is given of the run that it is a part of, and what the journal is told of it. */
import {hostname, userInfo} from 'node:os';
import type {BackupRun} from '../../app/backup/back-up.ts';
import type {Context} from '../../context/context.ts';
import {FtaskError} from '../../errors.ts';
import {CommandInterrupted} from '../../host/failures.ts';
import type {Host} from '../../host/host.ts';
import {packageVersion} from '../../package.ts';

/** On one host; `what` is for whoever finds the host locked. */
export function applicationRun(
  {progress, clock, signal, undo, runId, journal}: Context,
  host: Host,
  what: string,
  say: (text: string) => void,
): BackupRun {
  return {
    owner: `${userInfo().username}@${hostname()}, run ${runId}, ${what}`,
    toolVersion: packageVersion(),
    now: () => clock.now(),
    signal,
    undo,
    say,
    note: (text) => progress.note(`${host.name}: ${text}`),
    warn: (text) => progress.warn(`${host.name}: ${text}`),
    debug: (text) => progress.debug(`${host.name}: ${text}`),
    record: async (removal) => {
      const at = new Date(clock.now()).toISOString();
      await (await journal()).append({at, run: runId, ...removal});
    },
  };
}

export interface Recorded {
  readonly kind: string;
  readonly application: string;
  readonly host: string;
}

export type Recorder = (what: object) => Promise<void>;

/** Writes to the journal what became of it. */
export function recorder({journal, clock, runId}: Context, what: Recorded): Recorder {
  return async (more) => {
    const at = new Date(clock.now()).toISOString();
    await (await journal()).append({at, run: runId, ...what, ...more});
  };
}

/** Does the work and records its row, or why it failed. @throws what the work throws */
export async function recorded<Row extends object>(record: Recorder, work: () => Promise<Row>): Promise<Row> {
  try {
    const row = await work();
    await record(row);
    return row;
  } catch (caught) {
    const error = withoutCommand(caught);
    if (error instanceof FtaskError)
      await record({result: 'failed', error: {code: error.code, message: error.message}});
    throw error;
  }
}

/** Which command Ctrl-C has ended, and what that one had said, is of no use to whoever typed none. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof CommandInterrupted) || error.ending.how === 'unknown') return error;
  return new FtaskError('Interrupted', `${error.result.host}: interrupted`, {cause: error});
}
