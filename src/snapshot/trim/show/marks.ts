/** The marks of one volume's snapshots along an axis. Pure. */
import type {Canvas, PictureTone} from '../../../runner/picture.ts';
import type {PlannedSnapshot} from '../plan.ts';
import type {Axis} from './axis.ts';

type Kind = 'kept' | 'deleted' | 'both' | 'held';

interface Mark {
  readonly unicode: string;
  readonly ascii: string;
  readonly tone?: PictureTone;
  readonly meaning: string;
}

const MARKS: Readonly<Record<Kind, Mark>> = {
  kept: {unicode: '●', ascii: 'o', tone: 'good', meaning: 'kept'},
  deleted: {unicode: '×', ascii: 'x', tone: 'bad', meaning: 'to be deleted'},
  both: {unicode: '◐', ascii: '%', meaning: 'some of each'},
  held: {unicode: '◆', ascii: '#', tone: 'special', meaning: 'held'},
};

/** What the marks mean, in a line. */
export function legend(canvas: Canvas): string {
  return Object.values(MARKS)
    .map((mark) => `${draw(mark, canvas)} ${mark.meaning}`)
    .join('  ');
}

/** One character for each column of the axis that has snapshots; where there are several, what becomes of them all. */
export function marksOf(
  snapshots: readonly PlannedSnapshot[],
  nowMs: number,
  axis: Axis,
  canvas: Canvas,
): string {
  const cells = new Map<number, Kind>();
  for (const snapshot of snapshots) {
    const column = axis.columnOf(nowMs - snapshot.timeMs);
    cells.set(column, joined(cells.get(column), kindOf(snapshot)));
  }
  const last = Math.max(...cells.keys(), ...axis.ticks);
  let line = '';
  for (let column = 0; column <= last; column += 1) {
    const kind = cells.get(column);
    if (kind) line += draw(MARKS[kind], canvas);
    else line += axis.ticks.has(column) ? canvas.paint('quiet', canvas.isUnicode ? '·' : '.') : ' ';
  }
  return line;
}

function kindOf({verdict, isHeld}: PlannedSnapshot): Kind {
  if (verdict === 'delete') return 'deleted';
  return isHeld ? 'held' : 'kept';
}

function joined(one: Kind | undefined, other: Kind): Kind {
  if (one === undefined || one === other) return other;
  const kinds = [one, other];
  return kinds.includes('deleted') || kinds.includes('both') ? 'both' : 'held';
}

function draw({unicode, ascii, tone}: Mark, {isUnicode, paint}: Canvas): string {
  const mark = isUnicode ? unicode : ascii;
  return tone === undefined ? mark : paint(tone, mark);
}
