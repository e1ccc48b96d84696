/** How the bench prints its figures: one line each, with the limit it is held to. */

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it must not exceed; none for a figure that is only shown. */
  readonly atMost?: number;
}

/** Prints a figure and tells whether it is within its limit. */
export function report({what, value, unit, atMost}: Figure): boolean {
  const ok = atMost === undefined || value <= atMost;
  const limit = atMost === undefined ? '' : `(at most ${atMost}${ok ? '' : ', EXCEEDED'})`;
  process.stdout.write(`  ${what.padEnd(58)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(6)} ${limit}\n`);
  return ok;
}
