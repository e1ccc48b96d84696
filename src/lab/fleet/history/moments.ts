/** When the snapshots of a history were made, and what is particular about some. */
import type {History, Particular} from './schema.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Moment {
  readonly timeMs: number;
  /** What is written into the snapshots as their time, in ISO 8601. */
  readonly time: string;
  /** The run that made them. */
  readonly run: string;
  readonly particulars: ReadonlySet<Particular>;
}

/** The oldest first: multiples of each step since the epoch, for each step's own span. `now` is lab time. */
export function momentsOf(history: History, now: number): Moment[] {
  const times = timesOf(history, now);
  const particulars = particularsOf(history, times.length);
  return times.map((timeMs, place) => {
    const own = particulars.get(place) ?? NONE;
    const time = new Date(own.has('future') ? now + DAY_MS : timeMs).toISOString();
    return {timeMs, time, run: `${time.replace(/[-:]|\.\d+/g, '')}-5eeded`, particulars: own};
  });
}

const NONE: ReadonlySet<Particular> = new Set();

function timesOf({every, offset, ended}: History, now: number): number[] {
  const end = now - ended;
  const times = new Set<number>();
  for (const {everyMs, spanMs} of every) {
    const newest = Math.floor((end - offset) / everyMs) * everyMs + offset;
    for (let time = newest; time > end - spanMs; time -= everyMs) times.add(time);
  }
  return [...times].sort((a, b) => a - b);
}

/** What is particular at each place, the oldest being 0. */
function particularsOf({particular}: History, count: number): Map<number, Set<Particular>> {
  const places = new Map<number, Set<Particular>>();
  for (const [name, listed = []] of Object.entries(particular)) {
    for (const fromNewest of listed) {
      const place = count - 1 - fromNewest;
      places.set(place, (places.get(place) ?? new Set()).add(name as Particular));
    }
  }
  return places;
}
