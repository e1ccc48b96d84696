/** The same snapshots for every tool that is timed: 100 daily ones of each volume, in no order, as AWS lists them. */
import {seededRandom} from '../../src/lab/random.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);
const EACH = 100;

export interface Snapshot {
  readonly volume: number;
  /** Whole seconds, at a moment of the day that differs. */
  readonly timeMs: number;
}

/** `total` is a multiple of 100; `nowMs` is later than all of them. */
export function mixedHistory(total: number): {snapshots: readonly Snapshot[]; nowMs: number} {
  const random = seededRandom(total);
  const order = Uint32Array.from({length: total}, (_, index) => index);
  for (let last = total - 1; last > 0; last -= 1) {
    const chosen = Math.floor(random() * (last + 1));
    [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
  }
  const snapshots = Array.from(order, (index) => ({
    volume: Math.floor(index / EACH),
    timeMs: FIRST + (index % EACH) * DAY + Math.floor(random() * 86_400) * 1000,
  }));
  return {snapshots, nowMs: FIRST + (EACH + 1) * DAY};
}
