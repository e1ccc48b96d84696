/** What befalls the host that takes backups: outages, failing snapshots, a wrong clock. */

export interface Weather {
  readonly isOut: boolean;
  readonly isFailing: boolean;
  /** How far its clock is ahead of AWS's. */
  readonly clockMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLOCK_JUMPS_MS = [-40 * DAY, -3 * HOUR, -4 * MINUTE, 4 * MINUTE, 3 * HOUR, 10 * DAY, 400 * DAY];

export const FINE: Weather = {isOut: false, isFailing: false, clockMs: 0};

/** Each hour's weather, without end: half a dozen outages a year, some for weeks, the rest less often. */
export function* stormy(random: () => number): Generator<Weather, never> {
  let outHours = 0;
  let failingHours = 0;
  let wrongHours = 0;
  let clockMs = 0;
  const isOnce = (days: number) => random() < 1 / (24 * days);
  for (;;) {
    outHours -= 1;
    failingHours -= 1;
    wrongHours -= 1;
    if (isOnce(60)) outHours = Math.ceil(random() * 24 * (random() < 0.15 ? 60 : 5));
    if (isOnce(180)) failingHours = Math.ceil(random() * 24 * 4);
    if (isOnce(90)) {
      wrongHours = Math.ceil(random() * 48);
      clockMs = CLOCK_JUMPS_MS[Math.floor(random() * CLOCK_JUMPS_MS.length)] ?? 0;
    }
    yield {isOut: outHours > 0, isFailing: failingHours > 0, clockMs: wrongHours > 0 ? clockMs : 0};
  }
}
