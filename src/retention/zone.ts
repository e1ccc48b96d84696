/** Civil dates in a named time zone, whatever the zone of this machine; fast enough for a million instants. */
import {UsageError} from '../errors.ts';
import {nearestName} from '../nearest.ts';

const DAY_MS = 86_400_000;

/** @throws UsageError UnknownZone when it is neither UTC nor a name of the IANA time zone database. */
export function checkZone(name: string): void {
  if (isZone(name)) return;
  const nearest = nearestName(name, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  const hint = nearest === undefined ? 'UTC, or a name such as Europe/Berlin' : `did you mean ${nearest}?`;
  throw new UsageError('UnknownZone', `${JSON.stringify(name)} is no time zone`, {hint});
}

type DayOf = (timeMs: number) => number;

const calendars = new Map<string, DayOf>();

/**
 * Tells the civil date of an instant in the zone, as days since 1970-01-01; a later instant never has
 * an earlier date. What Intl says is kept for each day of UTC that was ever asked about.
 */
export function civilDays(zone: string): DayOf {
  const known = calendars.get(zone);
  if (known) return known;
  const dayOf: DayOf = zone === 'UTC' ? (timeMs) => Math.floor(timeMs / DAY_MS) : zoneDays(zone);
  calendars.set(zone, dayOf);
  return dayOf;
}

function zoneDays(zone: string): DayOf {
  const offsetAt = offsets(zone);
  const known = new Map<number, Offsets>();
  let lastDay = Number.NaN;
  let last: Offsets = {beforeMs: 0, changeMs: 0, afterMs: 0, maxDay: 0};
  return (timeMs) => {
    const day = Math.floor(timeMs / DAY_MS);
    if (day !== lastDay) {
      last = known.get(day) ?? offsetsOfDay(day, offsetAt);
      lastDay = day;
      known.set(day, last);
    }
    if (timeMs >= last.changeMs) return Math.floor((timeMs + last.afterMs) / DAY_MS);
    return Math.min(last.maxDay, Math.floor((timeMs + last.beforeMs) / DAY_MS));
  };
}

/** The offsets from UTC during one day of UTC. */
interface Offsets {
  readonly beforeMs: number;
  /** When the clocks change, or the end of the day. */
  readonly changeMs: number;
  readonly afterMs: number;
  /** Where clocks go back over midnight (Newfoundland did at 00:01), what came before belongs to the old date. */
  readonly maxDay: number;
}

function offsetsOfDay(day: number, offsetAt: (timeMs: number) => number): Offsets {
  let low = day * DAY_MS;
  let high = low + DAY_MS;
  const beforeMs = offsetAt(low);
  const afterMs = offsetAt(high);
  if (beforeMs === afterMs) return {beforeMs, changeMs: high, afterMs, maxDay: Number.POSITIVE_INFINITY};
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === beforeMs) low = middle;
    else high = middle;
  }
  return {beforeMs, changeMs: high, afterMs, maxDay: Math.floor((high + afterMs) / DAY_MS)};
}

function offsets(zone: string): (timeMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {timeZone: zone, timeZoneName: 'longOffset'});
  return (timeMs) => {
    const name = format.formatToParts(timeMs).find(({type}) => type === 'timeZoneName')?.value ?? '';
    // GMT, GMT+05:45, or with seconds, as in the days before standard time
    const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(name) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return (sign === '-' ? -offset : offset) * 1000;
  };
}

const OFFSET = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/;

/** Offsets such as +01:00, which newer versions of Node take for zones, have no calendar of their own. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', {timeZone: name});
    return true;
  } catch {
    return false;
  }
}
