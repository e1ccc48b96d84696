/** Numbers, sizes and times for people. Pure. */

/** `1,204`. */
export function number(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 volume`, `1,204 volumes`. */
export function counted(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.2 TiB`: to three figures at most. */
export function bytesText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const isWhole = unit === 0 || size >= 100;
  return `${isWhole ? Math.round(size) : Number(size.toFixed(1))} ${UNITS[unit]}`;
}

/** `2026-11-03 10:00 UTC`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-03`. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const HOUR_MS = 3_600_000;

/** In days, the first two in hours, the first hour in minutes. */
export function ageText(ms: number): string {
  if (ms < HOUR_MS) return `${Math.max(0, Math.floor(ms / 60_000))}m`;
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
