/** Rows of fields as aligned columns that fit a terminal. */
import {visibleText} from '../runner/display/visible-text.ts';

export type Row = Readonly<Record<string, unknown>>;

const GAP = '  ';
const NARROWEST = 6;

/** A heading and a line a row, none wider than `width`: the widest columns give way first. */
export function table(rows: readonly Row[], columns: readonly string[], width: number): string[] {
  const cells = rows.map((row) => columns.map((column) => cellText(row[column])));
  const natural = columns.map((column, index) => longest([column, ...cells.map((row) => row[index] ?? '')]));
  const widths = shrink(natural, width - GAP.length * (columns.length - 1));
  return [columns, ...cells].map((row) => line(row, widths));
}

/** Any value as one line of text. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return visibleText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** The text, cut to `width` with an ellipsis at its end. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => cut(cell, widths[index] ?? 0).padEnd(widths[index] ?? 0));
  return padded.join(GAP).trimEnd();
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function shrink(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}
