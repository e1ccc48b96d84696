/** A logarithmic axis of ages in columns of text: the oldest on the left, now on the right. Pure. */

export interface Axis {
  readonly width: number;
  /** From 0 for the oldest to `width - 1`; what is younger than the axis tells apart is at its end. */
  columnOf(ageMs: number): number;
  /** The columns of the ages that are named. */
  readonly ticks: ReadonlySet<number>;
  /** A line of the names, each ending at its column. */
  readonly heading: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30.44 * DAY_MS;
const YEAR_MS = 365.25 * DAY_MS;

/** Below it nothing is told apart. */
const YOUNGEST_MS = HOUR_MS;
const SHORTEST_MS = 2 * DAY_MS;

/** Those that come first are named first, the others where there is room left. */
const NAMED: readonly (readonly [string, number])[] = [
  ['1h', HOUR_MS],
  ['1d', DAY_MS],
  ['1mo', MONTH_MS],
  ['1y', YEAR_MS],
  ['10y', 10 * YEAR_MS],
  ['1w', 7 * DAY_MS],
  ['6h', 6 * HOUR_MS],
  ['3mo', 3 * MONTH_MS],
  ['3y', 3 * YEAR_MS],
  ['2w', 14 * DAY_MS],
  ['6mo', 6 * MONTH_MS],
  ['3d', 3 * DAY_MS],
  ['5y', 5 * YEAR_MS],
];

const GAP = 2;

/** An axis that reaches back to the oldest, and two days at least. */
export function axisOf(oldestMs: number, width: number): Axis {
  const span = Math.log(Math.max(oldestMs, SHORTEST_MS) / YOUNGEST_MS);
  const last = width - 1;
  const columnOf = (ageMs: number): number => {
    const share = Math.log(Math.max(ageMs, YOUNGEST_MS) / YOUNGEST_MS) / span;
    return Math.max(0, last - Math.round(share * last));
  };
  const heading = new Array<string>(width).fill(' ');
  const ticks = new Set<number>();
  for (const [name, ageMs] of NAMED) {
    if (Math.log(ageMs / YOUNGEST_MS) > span) continue;
    const column = columnOf(ageMs);
    const start = column - name.length + 1;
    const isFree = heading.slice(Math.max(0, start - GAP), column + 1 + GAP).every((cell) => cell === ' ');
    if (start < 0 || !isFree) continue;
    ticks.add(column);
    heading.splice(start, name.length, ...name);
  }
  return {width, columnOf, ticks, heading: heading.join('').trimEnd()};
}
