/** Following the script of a restore to its end, through lost connections. */
import {setTimeout as delay} from 'node:timers/promises';
import {FtaskError} from '../../../errors.ts';
import type {Command} from '../../../host/command.ts';
import {CommandFailed} from '../../../host/failures.ts';
import type {Host} from '../../../host/host.ts';
import type {Places} from '../places.ts';
import {type Report, reportOf} from './state.ts';
import {endCommand, nextLinesCommand} from './watch-script.ts';

/** How long a host may be out of reach before it is left to itself. */
const UNREACHED_MS = 600_000;
const PAUSE_MS = 1000;

export interface Follower {
  readonly host: Host;
  readonly places: Places;
  /** Aborted: the script is told to end, and to take back what it did. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
}

/**
 * Waits until no process of the script lives; its report is without an end when it was cut off. `seen` is how many lines
 * of its state file are known. @throws FtaskError `OutOfReach` when nobody can tell what became of it
 */
export async function followScript(follower: Follower, seen: readonly string[]): Promise<Report> {
  const {host, places, signal, say} = follower;
  const lines = [...seen];
  const cancel = () => void host.run(endCommand(places)).catch(() => {});
  signal.addEventListener('abort', cancel, {once: true});
  try {
    for (;;) {
      const next = await nextLines(follower, nextLinesCommand(places, lines.length, seen.length));
      if (next.includes('dead')) return reportOf(lines);
      lines.push(...next);
      const phase = next.filter((line) => line.startsWith('phase ')).at(-1);
      if (phase !== undefined) say(SAID[phase.split(' ')[1] ?? ''] ?? phase);
      // It may have been told before it could hear.
      if (signal.aborted && next.some((line) => line.startsWith('process '))) cancel();
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function nextLines({host, warn}: Follower, command: Command): Promise<string[]> {
  const lostAt = performance.now();
  for (let isTold = false; ; isTold = true) {
    try {
      const {stdout} = await host.run(command);
      return stdout.split('\n').slice(0, -1);
    } catch (error) {
      if (!isLoss(error)) throw error;
      if (!isTold) warn(`out of reach; the restore goes on by itself: ${error.message}`);
      if (performance.now() - lostAt > UNREACHED_MS) throw outOfReach(host, error);
      await delay(PAUSE_MS);
    }
  }
}

/** Of the connection, or of the host; a look that was cut off may be repeated. */
function isLoss(error: unknown): error is FtaskError {
  if (!(error instanceof FtaskError)) return false;
  return LOSSES.has(error.code) || (error instanceof CommandFailed && error.result.code === null);
}

const LOSSES: ReadonlySet<string> = new Set(['ConnectionLost', 'HostUnreachable']);

function outOfReach({name}: Host, cause: FtaskError): FtaskError {
  return new FtaskError('OutOfReach', `${name}: out of reach while a restore is at work: ${cause.message}`, {
    hint: 'it ends by itself, one way or the other; the next backup or restore there tells how it stands',
    cause,
  });
}

/** What it is doing, for people. */
const SAID: Readonly<Record<string, string>> = {
  load: 'loading the dump',
  look: 'looking whether it is well',
  stop: 'stopping services',
  keep: 'keeping what is replaced',
  swap: 'replacing the database',
  files: 'replacing files',
  after: 'running the commands after it',
  start: 'starting services',
  health: 'waiting for it to be well',
  clean: 'tidying up',
  back: 'failed; taking all back',
};
