/** A plan as timelines: a row a volume, a mark a snapshot along a logarithmic axis of ages. Pure. */
import type {Region} from '../../../ec2/ids.ts';
import type {Canvas} from '../../../runner/picture.ts';
import {counted, number} from '../../../words.ts';
import type {LineagePlan, TrimPlan} from '../plan.ts';
import {axisOf} from './axis.ts';
import {labelsOf} from './label.ts';
import {legend, marksOf} from './marks.ts';

/** For the legend, the heading, regions, what is left out, and what comes below. */
const OTHER_LINES = 8;
const FEWEST_ROWS = 5;
const LONGEST_LABEL = 26;
/** Below this there is no room for an axis that tells anything. */
const FEWEST_COLUMNS = 50;

interface Row {
  readonly region: Region;
  readonly lineage: LineagePlan;
  readonly label: string;
  readonly deletes: number;
}

/** At most a screenful, the volumes with most to delete first; nothing where there is nothing to show, or no room. */
export function timelineLines(
  {regions, createdAt}: Pick<TrimPlan, 'regions' | 'createdAt'>,
  canvas: Canvas,
): string[] {
  const all = regions.flatMap(({region, lineages}) => {
    const labels = labelsOf(lineages, canvas);
    return lineages.map((lineage, index) => ({
      region,
      lineage,
      label: labels[index] ?? '',
      deletes: deletesOf(lineage),
    }));
  });
  if (all.length === 0 || canvas.columns < FEWEST_COLUMNS) return [];
  const sorted = [...all].sort((a, b) => b.deletes - a.deletes || a.label.localeCompare(b.label, 'en'));
  const most = Math.max(FEWEST_ROWS, canvas.rows - OTHER_LINES);
  const shown = sorted.slice(0, most);
  return [
    legend(canvas),
    ...rowLines(shown, Date.parse(createdAt), canvas),
    ...leftOut(sorted.slice(most), canvas),
  ];
}

function rowLines(rows: readonly Row[], nowMs: number, canvas: Canvas): string[] {
  const counts = rows.map(({deletes, lineage}) => `${number(deletes)}/${number(lineage.snapshots.length)}`);
  const labelWidth = Math.min(LONGEST_LABEL, longest(rows.flatMap(({label, region}) => [label, region])));
  const countWidth = longest([...counts, 'delete']);
  const axis = axisOf(oldestAge(rows, nowMs), canvas.columns - labelWidth - countWidth - 2);
  const line = (label: string, count: string, marks: string) =>
    `${cut(label, labelWidth, canvas).padEnd(labelWidth)} ${count.padStart(countWidth)} ${marks}`;
  const lines: string[] = [];
  for (const region of new Set(rows.map((row) => row.region))) {
    lines.push(canvas.paint('quiet', line(region, 'delete', axis.heading)));
    rows.forEach((row, index) => {
      if (row.region !== region) return;
      const marks = marksOf(row.lineage.snapshots, nowMs, axis, canvas);
      lines.push(line(row.label, counts[index] ?? '', marks));
    });
  }
  return lines;
}

function leftOut(rows: readonly Row[], {paint}: Canvas): string[] {
  if (rows.length === 0) return [];
  const deletes = rows.reduce((sum, row) => sum + row.deletes, 0);
  return [
    paint('quiet', `... ${counted(rows.length, 'more volume')}, with ${number(deletes)} to be deleted`),
  ];
}

function deletesOf({snapshots}: LineagePlan): number {
  return snapshots.filter(({verdict}) => verdict === 'delete').length;
}

function oldestAge(rows: readonly Row[], nowMs: number): number {
  return rows.reduce(
    (oldest, {lineage}) => Math.max(oldest, nowMs - (lineage.snapshots[0]?.timeMs ?? nowMs)),
    0,
  );
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function cut(text: string, width: number, {isUnicode}: Canvas): string {
  if (text.length <= width) return text;
  const end = isUnicode ? '…' : '~';
  return `${text.slice(0, width - 1)}${end}`;
}
