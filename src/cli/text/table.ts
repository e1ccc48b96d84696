/** Rows of fields as aligned columns that fit a terminal. */
import {visibleText} from '../../runner/display/visible-text.ts';

export type Row = Readonly<Record<string, unknown>>;

const GAP = '  ';
/** An identifier is never cut while it is shorter: half of one is of no use. */
const LONGEST_WHOLE = 24;

/**
 * A heading and a line a row, none wider than `width`. Long texts are cut first; then columns are left
 * out from the right, which the heading tells by an ellipsis.
 */
export function table(rows: readonly Row[], columns: readonly string[], width: number): string[] {
  const cells = [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))];
  const natural = columns.map((_, index) => longest(cells.map((row) => row[index] ?? '')));
  const {widths, room} = fitColumns(natural, width);
  const [heading = '', ...lines] = cells.map((row) => cut(line(row, widths), room));
  const isCut = widths.length < columns.length;
  return [isCut ? `${heading.padEnd(Math.min(room, totalOf(widths)))}${GAP}…` : heading, ...lines];
}

function fitColumns(natural: readonly number[], width: number): {widths: number[]; room: number} {
  let room = width;
  let widths = shrink(natural, room);
  while (widths.length > 1 && totalOf(widths) > room) {
    room = width - GAP.length - 1;
    widths = shrink(natural.slice(0, widths.length - 1), room);
  }
  return {widths, room};
}

/** Any value as one line of text. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return visibleText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** The text, cut to `width` with an ellipsis at its end. */
function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const padded = widths.map((width, index) => cut(cells[index] ?? '', width).padEnd(width));
  return padded.join(GAP).trimEnd();
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

function shrink(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (let excess = totalOf(widths) - width; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= LONGEST_WHOLE) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
