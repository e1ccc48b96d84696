/** The periods of the tiers once more, by Date and Intl and apart from src/retention, to check it with. */
import {TIERS, type Tier} from '../../../src/retention/policy.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** No period of the tier is longer. */
export const LONGEST_MS: Readonly<Record<Tier, number>> = {
  hourly: HOUR,
  // The day that summer time ends on.
  daily: 25 * HOUR,
  weekly: 7 * DAY + HOUR,
  monthly: 31 * DAY + HOUR,
  quarterly: 92 * DAY + HOUR,
  yearly: 366 * DAY,
};

/** The number of the period of each tier, in the order of TIERS, that a moment lies in. */
export function periodsAt(zone: string): (timeMs: number) => readonly number[] {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return (timeMs) => {
    const parts = new Map(format.formatToParts(timeMs).map(({type, value}) => [type, Number(value)]));
    const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')];
    const days = Date.UTC(year, month - 1, day) / DAY;
    const months = year * 12 + month - 1;
    const numbers: Readonly<Record<Tier, number>> = {
      hourly: Math.floor(timeMs / HOUR),
      daily: days,
      // 1970 began on a Thursday, and weeks begin on Monday.
      weekly: Math.floor((days + 3) / 7),
      monthly: months,
      quarterly: Math.floor(months / 3),
      yearly: year,
    };
    return TIERS.map((tier) => numbers[tier]);
  };
}
