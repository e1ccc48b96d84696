/** Watching over a command until it ends, or has to. */
import {setMaxListeners} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {SudoRefused} from '../failures.ts';
import type {Ending} from '../result.ts';
import type {Exit} from '../transport.ts';
import {NotStarted} from './handshake.ts';
import type {Launched} from './launch.ts';

/** setTimeout() takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** From the end of the processes to the end of their channel. */
const CLOSING_MS = 2000;

export interface Watch {
  readonly limitMs: number;
  readonly signals: readonly AbortSignal[];
  /** Ends the processes of the command; never rejects. */
  readonly end: () => Promise<Ending>;
}

/** How it went: by itself, or ended for a reason. */
export type Outcome =
  | {readonly exit: Exit; readonly endedFor?: undefined}
  | {readonly exit: Exit; readonly endedFor: 'limit' | 'abort'; readonly ending: Ending};

export interface Supervised {
  /** Rejects as `launched.exit` does. */
  readonly outcome: Promise<Outcome>;
  /** May be called twice. */
  end(): Promise<Ending>;
}

/** Ends the command when its time is over, when a signal aborts, or when asked to. */
export function supervise(launched: Launched, {limitMs, signals, end}: Watch): Supervised {
  let hasExited = false;
  let ending: Promise<Ending> | undefined;
  let settleEnded: (outcome: Promise<Outcome>) => void = () => {};
  const ended = new Promise<Outcome>((resolve) => {
    settleEnded = resolve;
  });
  const endFor = (endedFor: 'limit' | 'abort'): Promise<Ending> => {
    if (ending) return ending;
    if (hasExited) return Promise.resolve({how: 'gone', detail: ''});
    ending = end();
    settleEnded(closed(launched, ending, endedFor));
    return ending;
  };
  const onAbort = (): void => void endFor('abort');
  const timer = setTimeout(() => endFor('limit'), Math.min(limitMs, MAX_TIMER_MS));
  // A thousand commands listen to the signal of one run.
  setMaxListeners(0, ...signals);
  for (const signal of signals) signal.addEventListener('abort', onAbort);
  if (signals.some((signal) => signal.aborted)) onAbort();
  const exited = launched.exit.then(
    (exit): Promise<Outcome> | Outcome => (ending ? ended : {exit}),
    (error: unknown): Promise<Outcome> => {
      if (ending) return ended;
      throw error;
    },
  );
  const release = (): void => {
    hasExited = true;
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  };
  launched.exit.then(release, release);
  const outcome = Promise.race([exited, ended]).finally(release);
  outcome.catch(() => {});
  return {outcome, end: () => endFor('abort')};
}

/** One that went by itself while it was looked for, or that never ran, is as if nobody had looked. @throws why it never ran */
async function closed(
  launched: Launched,
  asked: Promise<Ending>,
  endedFor: 'limit' | 'abort',
): Promise<Outcome> {
  const ending = await asked;
  // A sudo that was killed while it asked looks like one that refused.
  const isKilled = ending.how === 'TERM' || ending.how === 'KILL';
  const exit = await Promise.race([
    launched.exit.catch((error: unknown) => {
      if (!isKilled && (error instanceof SudoRefused || error instanceof NotStarted)) throw error;
    }),
    delay(CLOSING_MS, undefined, {ref: false}),
  ]);
  if (exit === undefined) launched.abandon();
  if (ending.how === 'gone' && exit) return {exit};
  if (ending.how === 'gone') {
    const detail = 'the host shows no process of it, yet its channel stayed open';
    return {exit: NOTHING, endedFor, ending: {how: 'unknown', detail}};
  }
  return {exit: exit ?? NOTHING, endedFor, ending};
}

const NOTHING: Exit = {code: null, signal: null};
