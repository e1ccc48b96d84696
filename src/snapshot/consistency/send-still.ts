/** One request while the filesystems of a host stand still: the thaw comes first, whatever comes of the request. */
import {FreezeFailed} from '../../disk/freeze/freeze-failed.ts';
import type {FreezeReport} from '../../disk/freeze/freeze-log.ts';
import {type Frozen, freeze} from '../../disk/freeze/freezer.ts';
import {syncOnly} from '../../disk/freeze/sync-only.ts';
import {FtaskError} from '../../errors.ts';
import type {Host} from '../../host/host.ts';

export interface StandStill {
  readonly host: Host;
  /** Mount points of what is frozen. */
  readonly frozen: readonly string[];
  /** And of what is only synced. */
  readonly synced: readonly string[];
  /** After which the host thaws by itself, and what was synced counts as written to since. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told what cannot be thawed, whatever came of the request. */
  readonly warn: (text: string) => void;
}

/** How still it was kept. */
export interface Held {
  /** The host's own; none where nothing was to be frozen. */
  readonly report?: FreezeReport;
  /** Why nobody can say that all stood still until the answer was there. */
  readonly lost?: string;
}

export interface Sent<Answer> {
  readonly answer: Answer;
  readonly held: Held;
}

/**
 * Flushes, freezes, sends, and thaws as soon as there is an answer or an error, or on Ctrl-C.
 * @throws what `syncOnly`, `freeze` and `send` throw; nothing is frozen then but what `warn` was told of
 */
export async function sendStill<Answer>(
  still: StandStill,
  send: () => Promise<Answer>,
): Promise<Sent<Answer>> {
  const {host, frozen, synced, timeoutMs, signal} = still;
  await syncOnly(host, [...frozen, ...synced]);
  signal.throwIfAborted();
  if (frozen.length === 0) return sendSynced(still, send);
  const freezing = await freeze(host, {mountPoints: frozen, timeoutMs, sync: true, signal});
  try {
    const answer = await send();
    return {answer, held: await thaw(freezing, still)};
  } catch (error) {
    await thaw(freezing, still);
    throw error;
  }
}

async function sendSynced<Answer>(
  {synced, timeoutMs}: StandStill,
  send: () => Promise<Answer>,
): Promise<Sent<Answer>> {
  const startedAt = performance.now();
  const answer = await send();
  const tookMs = performance.now() - startedAt;
  if (synced.length === 0 || tookMs <= timeoutMs) return {answer, held: {}};
  const lost = `AWS answered ${Math.round(tookMs / 1000)} s after the sync, beyond --freeze-timeout`;
  return {answer, held: {lost}};
}

/** Never rejects for a reason that can be expected: there may be an answer that must not be lost. */
async function thaw(frozen: Frozen, {signal, warn}: StandStill): Promise<Held> {
  try {
    const report = await frozen.thaw();
    return report.held ? {report} : {report, lost: whyLost(report, signal)};
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    if (error instanceof FreezeFailed && error.code === 'StillFrozen')
      warn(`${error.message}; ${error.hint}`);
    return {lost: error.message};
  }
}

function whyLost({endedBy, ms}: FreezeReport, {aborted}: AbortSignal): string {
  const after = `after ${Math.round(ms)} ms`;
  if (aborted) return `thawed on Ctrl-C ${after}, before AWS had answered`;
  if (endedBy === 'timeout')
    return `the host thawed by itself ${after}, before it was told to (--freeze-timeout)`;
  if (endedBy === 'us') return 'something else on the host thawed it before AWS had answered';
  return `the freeze was ended ${after} by ${endedBy === 'signal' ? 'a signal' : 'the loss of the connection'}`;
}
