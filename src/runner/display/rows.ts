/** A look at the progress of a run as a screenful of rows, however much is going on. */
import type {GroupView} from '../progress.ts';
import {counts} from './lines.ts';
import {visibleText} from './visible-text.ts';

export type RowTone = 'working' | 'done' | 'failed' | 'quiet';

/** One line of the live display. */
export interface Row {
  readonly tone: RowTone;
  readonly depth: 0 | 1;
  readonly text: string;
}

/** How many rows the display has, and how wide one is. */
export interface Screen {
  readonly rows: number;
  readonly columns: number;
}

/**
 * The rows of all groups, at most `rows` of them: groups first, those that failed or are at work before
 * those that are done; then, as far as there is room, failed and running items. What is left out is counted.
 */
export function sampleRows(groups: readonly GroupView[], {rows, columns}: Screen): Row[] {
  const shown = chooseGroups(groups, rows);
  const hidden = groups.length - shown.length;
  let room = rows - shown.length - (hidden > 0 ? 1 : 0);
  const open = shown.filter(hasItems);
  const sampled: Row[] = [];
  for (const group of shown) {
    sampled.push({tone: toneOf(group), depth: 0, text: title(group)});
    if (!hasItems(group)) continue;
    const share = Math.floor(room / (open.length - open.indexOf(group)));
    const items = itemRows(group, share);
    room -= items.length;
    sampled.push(...items);
  }
  if (hidden > 0) sampled.push({tone: 'quiet', depth: 0, text: more(hidden, 'groups')});
  return sampled.slice(0, Math.max(0, rows)).map((row) => ({...row, text: fit(row, columns)}));
}

function chooseGroups(groups: readonly GroupView[], rows: number): readonly GroupView[] {
  if (groups.length <= rows) return groups;
  const urgent = groups.filter((group) => !group.closed || group.failed.size > 0);
  const chosen = new Set([...urgent, ...groups].slice(0, Math.max(0, rows - 1)));
  return groups.filter((group) => chosen.has(group));
}

function hasItems({closed, active, failed}: GroupView): boolean {
  return !closed && active.size + failed.size > 0;
}

function toneOf({closed, failed}: GroupView): RowTone {
  if (failed.size > 0) return 'failed';
  return closed ? 'done' : 'working';
}

function title(group: GroupView): string {
  const {name, total, finished, skipped, failed, active, closed, text} = group;
  if (closed) return `${name}: ${text ?? counts(group)}`;
  const ended = finished + skipped + failed.size;
  const parts = [
    total === undefined ? `${number(ended)} ended` : `${number(ended)}/${number(total)}`,
    ...(active.size > 0 ? [`${number(active.size)} running`] : []),
    ...(failed.size > 0 ? [`${number(failed.size)} failed`] : []),
    ...(text === undefined ? [] : [text]),
  ];
  return `${name}: ${parts.join(', ')}`;
}

function itemRows({active, failed}: GroupView, room: number): Row[] {
  const all = active.size + failed.size;
  const count = all <= room ? all : Math.max(0, room - 1);
  const failures = firstOf(failed, Math.min(failed.size, active.size > 0 ? Math.ceil(count / 2) : count));
  const running = firstOf(active, count - failures.length);
  const rows: Row[] = [
    ...failures.map(([item, reason]) => ({tone: 'failed', depth: 1, text: `${item}: ${reason}`}) as const),
    ...running.map(
      ([item, text]) =>
        ({tone: 'working', depth: 1, text: text === undefined ? item : `${item}: ${text}`}) as const,
    ),
  ];
  if (rows.length < all && room > 0) rows.push({tone: 'quiet', depth: 1, text: more(all - rows.length, '')});
  return rows;
}

/** The first entries, without a look at the thousands behind them. */
function firstOf<Value>(map: ReadonlyMap<string, Value>, count: number): [string, Value][] {
  const entries: [string, Value][] = [];
  for (const entry of map) {
    if (entries.length >= count) break;
    entries.push(entry);
  }
  return entries;
}

function more(count: number, what: string): string {
  return `... ${number(count)} more ${what}`.trimEnd();
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function fit({text, depth}: Row, columns: number): string {
  const room = Math.max(1, columns - 2 - 2 * depth);
  const clean = visibleText(text.slice(0, 4 * room));
  return clean.length <= room ? clean : `${clean.slice(0, room - 1)}…`;
}
