/** A clock that stands still while anything is under way, and then jumps to what comes next. */
import {setImmediate as turn} from 'node:timers/promises';
import type {Clock} from '../../../src/clock.ts';

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** Nothing that is played here takes a day. */
const LONGEST_MS = 86_400_000;

export class VirtualTime implements Clock {
  readonly speed = Number.POSITIVE_INFINITY;
  #nowMs = 0;
  readonly #sleepers: Sleeper[] = [];

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({untilMs: this.#nowMs + ms, wake});
    });
  }

  /** Lets time pass until the work is done; `atRest` is called at each moment when nothing goes on but waiting. */
  async until(work: Promise<unknown>, atRest: () => void): Promise<void> {
    let isDone = false;
    const end = work.finally(() => {
      isDone = true;
    });
    end.catch(() => {});
    while (!isDone) {
      for (let turns = 0; turns < 3; turns += 1) await turn();
      if (isDone) break;
      atRest();
      this.#sleepers.sort((a, b) => a.untilMs - b.untilMs);
      const next = this.#sleepers.shift();
      if (!next || next.untilMs > LONGEST_MS) throw new Error('it does not end');
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      next.wake();
    }
    await end;
  }
}
