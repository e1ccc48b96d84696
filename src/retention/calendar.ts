/** Weeks, months and years as consecutive numbers made from a civil date, without Date; and their names. */

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 to weeks that begin on Monday; week 0 is the one of 1970-01-01. */
export function weekOf(day: number): number {
  return Math.floor((day + 3) / 7);
}

/**
 * Days since 1970-01-01 to months; month 0 is January of the year 0. Years begin in March here, so
 * that the leap day is the last one. Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms.
 */
export function monthOf(day: number): number {
  const sinceMarch0 = day + 719_468;
  const era = Math.floor(sinceMarch0 / 146_097);
  const dayOfEra = sinceMarch0 - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return (era * 400 + yearOfEra) * 12 + Math.floor((5 * dayOfYear + 2) / 153) + 2;
}

/** `2026-11-03` */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -14);
}

/** `2026-W46`, which belongs to the year of its Thursday. Source: ISO 8601, week dates. */
export function weekName(week: number): string {
  const thursday = week * 7;
  const year = Math.floor(monthOf(thursday) / 12);
  const newYear = Math.floor(Date.UTC(year, 0, 1) / DAY_MS);
  return `${year}-W${twoDigits(Math.floor((thursday - newYear) / 7) + 1)}`;
}

/** `2026-11` */
export function monthName(month: number): string {
  return `${Math.floor(month / 12)}-${twoDigits((month % 12) + 1)}`;
}

/** `2026-Q4` */
export function quarterName(quarter: number): string {
  return `${Math.floor(quarter / 4)}-Q${(quarter % 4) + 1}`;
}

/** `2026-11-03 14:00Z` */
export function minuteName(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -8).replace('T', ' ')}Z`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
