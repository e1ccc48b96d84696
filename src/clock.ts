/** Time as an argument, so that a lab may run faster than the world. */
import {setTimeout as delay} from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits `ms` of this clock's milliseconds. Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** How many of its seconds pass in one real second. */
  readonly speed: number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => realSleep(ms, signal),
  speed: 1,
};

/** A clock that shows `startMs` now and runs `speed` times as fast as the machine's. */
export function scaledClock(speed: number, startMs: number = Date.now()): Clock {
  const origin = performance.now();
  return {
    now: () => Math.round(startMs + (performance.now() - origin) * speed),
    sleep: (ms, signal) => realSleep(ms / speed, signal),
    speed,
  };
}

async function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await delay(Math.max(0, ms), undefined, signal ? {signal} : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
