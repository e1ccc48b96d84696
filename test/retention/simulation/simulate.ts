/** Years of hourly and daily backups, and the moments when trim_snapshots runs. */
import {seededRandom} from '../../../src/lab/random.ts';
import {Account} from './account.ts';
import {FINE, stormy, type Weather} from './weather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 168 * HOUR;
/** From here on trim_snapshots refuses to run. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE;

export interface Years {
  readonly fromMs: number;
  readonly toMs: number;
  /** Without it, nothing ever goes wrong. */
  readonly seed?: number;
}

/** The account after each backup, when trim_snapshots runs in it; once a day from elsewhere too, also in an outage. */
export function* simulate({fromMs, toMs, seed}: Years): Generator<{account: Account; nowMs: number}> {
  const account = new Account();
  const random = seed === undefined ? () => 0.5 : seededRandom(seed);
  const weather = seed === undefined ? undefined : stormy(random);
  for (let hour = fromMs; hour < toMs; hour += HOUR) {
    const today = weather?.next().value ?? FINE;
    const nowMs = hour + Math.floor(random() * 600) * 1000;
    if (hour % WEEK === 0) account.deleteBroken(nowMs);
    if (!today.isOut) backUp(account, nowMs, today, random);
    const isClockRight = Math.abs(today.clockMs) < CLOCK_TOLERANCE_MS;
    const isNoon = (hour / HOUR) % 24 === 12;
    if ((!today.isOut && isClockRight) || isNoon) yield {account, nowMs: nowMs + MINUTE};
  }
}

/** The database each hour, now and then by two runs at once; the two volumes of the file server each night. */
function backUp(account: Account, nowMs: number, weather: Weather, random: () => number): void {
  const timeMs = nowMs + weather.clockMs;
  const take = (lineage: string, set?: string) =>
    account.take({
      lineage,
      timeMs,
      ...(set === undefined ? {} : {set}),
      isPinned: random() < 0.0005,
      // Most are done in minutes; some outlast the next run.
      endsMs: nowMs + Math.ceil((random() < 0.05 ? 300 : 20) * random()) * MINUTE,
      fails: weather.isFailing || random() < 0.02,
    });
  take('database');
  if (random() < 0.01) take('database');
  if (Math.floor(nowMs / HOUR) % 24 !== 2) return;
  take('files /', `set-${nowMs}`);
  take('files /data', `set-${nowMs}`);
}
