/** Freezing filesystems of a host, for as long as it takes and never longer than was said. */
import type {Host} from '../../host/host.ts';
import {FreezeFailed} from './freeze-failed.ts';
import type {FreezeReport, NotFrozen} from './freeze-log.ts';
import {freezeOrder} from './freeze-order.ts';
import {FreezeSession, THAW_SLACK_MS} from './freeze-session.ts';
import {freezeScript} from './script/freeze-script.ts';

export type {FreezeReport} from './freeze-log.ts';

/** Flushing what waited in memory, before anything is frozen. */
const SYNC_LIMIT_MS = 300_000;

export interface FreezeRequest {
  /** In any order: one that others are mounted below is frozen after those. */
  readonly mountPoints: readonly string[];
  /** From the arming on, in whole seconds upwards: then the host thaws by itself. */
  readonly timeoutMs: number;
  /** Flush them first, which makes the freeze itself short; it does not count for the timeout. */
  readonly sync: boolean;
  /** Thaws at once when aborted, before or after all was frozen. */
  readonly signal?: AbortSignal;
}

export interface Frozen {
  /** What could not be frozen; all the others are. */
  readonly notFrozen: readonly NotFrozen[];
  /**
   * Thaws now and tells how it was. May be called twice. Waits no longer than the host's own thaw takes, and some seconds.
   * @throws FreezeFailed `FreezeUntold` when the host does not answer: it thaws by itself, but nobody knows that it
   * held; `StillFrozen` when it cannot thaw
   */
  thaw(): Promise<FreezeReport>;
}

/**
 * Arms the thaw on the host, then freezes, as root. What cannot be frozen is told and the others stay frozen; what
 * somebody else has frozen is left as it is.
 * @throws FreezeFailed when fsfreeze is missing, nothing could be armed, or it was over before all was frozen; the reason
 * of `signal`; what `host.stream` throws. Whatever was frozen is thawed then, unless `StillFrozen` says that it cannot be.
 */
export async function freeze(host: Host, request: FreezeRequest): Promise<Frozen> {
  const {mountPoints, timeoutMs, sync, signal} = request;
  signal?.throwIfAborted();
  const steps = freezeOrder(mountPoints);
  const running = await host.stream(freezeScript({steps, seconds: Math.ceil(timeoutMs / 1000), sync}), {
    sudo: true,
    accept: 'any',
    timeoutMs: (sync ? SYNC_LIMIT_MS : 0) + timeoutMs + 4 * THAW_SLACK_MS,
    shownAs: `freeze ${mountPoints.join(' ')}`,
  });
  const session = new FreezeSession(host.name, running, {mountPoints, timeoutMs});
  const thawNow = (): void => session.letGo();
  signal?.addEventListener('abort', thawNow);
  void session.over.then(() => signal?.removeEventListener('abort', thawNow));
  if (signal?.aborted) thawNow();
  try {
    await session.untilFrozen();
  } catch (error) {
    if (!(error instanceof FreezeFailed && error.code === 'StillFrozen')) signal?.throwIfAborted();
    throw error;
  }
  return {notFrozen: session.report().notFrozen, thaw: () => session.thaw()};
}
