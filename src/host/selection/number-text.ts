/** Numbers in host names, which may have leading zeros. */

/** Longer ones are names, not numbers: they would lose digits. */
export const MAX_DIGITS = 15;

/** The number with zeros in front, so that it has at least `width` digits. */
export function numberText(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
