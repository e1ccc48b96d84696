/** Spans of time as people write them: `60m`, `1h30m`, `500ms`. */

const UNITS = {w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1} as const;

const PART = /(\d+(?:\.\d+)?)(ms|[wdhms])/gy;

/** Milliseconds of a text such as `60m`, `1h30m` or `1.5d`; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(PART)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (text === '' || length !== text.length) return undefined;
  const ms = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS],
    0,
  );
  return Math.round(ms);
}

/** The shortest text that `parseDuration` reads back as the same whole milliseconds: `1h30m`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
