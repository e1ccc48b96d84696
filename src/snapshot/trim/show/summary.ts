/** What a plan comes to, in a few lines. Pure. */
import type {SnapshotId} from '../../../ec2/ids.ts';
import {visibleText} from '../../../runner/display/visible-text.ts';
import {bytesText, dayText, number} from '../../../words.ts';
import type {PlannedSnapshot, RegionPlan, TrimPlan} from '../plan.ts';

const SHOWN_IDS = 3;
const SNAPSHOT_ID_LENGTH = 'snap-0123456789abcdef0'.length;
const GIB = 1024 ** 3;
const GAP = '  ';

/**
 * A table with a line for each region with snapshots and one for them all, then what is held and what is none of ours, by
 * reason, with as many ids as there is room for.
 */
export function summaryLines({regions}: Pick<TrimPlan, 'regions'>, columns: number): string[] {
  const ours = regions.filter(({lineages}) => lineages.length > 0);
  const all = ours.flatMap(({lineages}) => lineages);
  const rows = [
    HEADING,
    ...ours.map(({region, lineages}) => rowOf(region, lineages)),
    ...(ours.length > 1 ? [rowOf('in all', all)] : []),
  ];
  const others = regions.flatMap((plan) => plan.others);
  return [
    ...(ours.length > 0 ? aligned(rows, columns) : ['no snapshots of ours']),
    ...groupLines('held', heldOf(regions), columns),
    ...groupLines('never judged', others, columns),
  ];
}

/** Every snapshot that was never a candidate, a line each. */
export function heldLines({regions}: Pick<TrimPlan, 'regions'>): string[] {
  return regions.flatMap((plan) => [
    ...heldOf([plan]).map(({id, reason}) => `${plan.region}: ${id} is held: ${reason}`),
    ...plan.others.map(({id, reason}) => `${plan.region}: ${id} is never judged: ${reason}`),
  ]);
}

interface Told {
  readonly id: SnapshotId;
  readonly reason: string;
}

const HEADING = ['', 'volumes', 'copied', 'kept', 'to be deleted', 'full size', 'oldest kept'];
/** On a narrow terminal these columns are left out, the first ones first. */
const SPARED = ['copied', 'oldest kept', 'volumes', 'full size'];

function rowOf(title: string, lineages: RegionPlan['lineages']): string[] {
  const snapshots = lineages.flatMap((lineage) => lineage.snapshots);
  const deleted = snapshots.filter(({verdict}) => verdict === 'delete');
  const kept = snapshots.filter(({verdict}) => verdict === 'keep');
  const copies = lineages.filter(({isReplica}) => isReplica).length;
  const oldest = kept.reduce((least, {timeMs}) => Math.min(least, timeMs), Number.POSITIVE_INFINITY);
  return [
    title,
    number(lineages.length),
    copies > 0 ? number(copies) : '',
    number(kept.length),
    number(deleted.length),
    deleted.length > 0 ? sizeText(deleted) : '',
    kept.length > 0 ? dayText(oldest) : '',
  ];
}

/** The first column to the left, numbers to the right; of a table that is too wide, what there is room for. */
function aligned(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = HEADING.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const shown = new Set(HEADING.keys());
  const width = () =>
    [...shown].reduce((sum, column) => sum + GAP.length + (widths[column] ?? 0), -GAP.length);
  for (const name of SPARED) if (width() > columns) shown.delete(HEADING.indexOf(name));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) =>
    [...shown]
      .map((column) => cell(row[column] ?? '', column))
      .join(GAP)
      .trimEnd(),
  );
}

/** All the blocks that each stands for, though AWS frees only those that no other needs; else the size of the volumes. */
function sizeText(snapshots: readonly PlannedSnapshot[]): string {
  const bytes = snapshots.reduce((sum, {fullBytes, sizeGiB}) => sum + (fullBytes ?? sizeGiB * GIB), 0);
  return bytesText(bytes);
}

function heldOf(regions: readonly RegionPlan[]): Told[] {
  const held = regions.flatMap(({lineages}) =>
    lineages.flatMap(({snapshots}) => snapshots.filter(({isHeld}) => isHeld)),
  );
  return held.map(({id, reasons}) => ({id, reason: holdsIn(reasons).join(', ')}));
}

/** Without what retention says of it beside that. */
function holdsIn(reasons: readonly string[]): readonly string[] {
  const holds = reasons.flatMap((reason) => /^held: (.*)$/s.exec(reason)?.[1] ?? []);
  return holds.length > 0 ? holds : reasons.slice(0, 1);
}

function groupLines(title: string, told: readonly Told[], columns: number): string[] {
  const groups = new Map<string, SnapshotId[]>();
  for (const {id, reason} of told) {
    const ids = groups.get(kindOf(reason));
    if (ids) ids.push(id);
    else groups.set(kindOf(reason), [id]);
  }
  return [...groups].map(([kind, ids]) => {
    const start = `${title}: ${number(ids.length)} ${visibleText(kind)}`;
    const room = Math.floor((columns - start.length - ' (...)'.length) / (SNAPSHOT_ID_LENGTH + 2));
    const shown = ids.slice(0, Math.min(SHOWN_IDS, Math.max(0, room)));
    const more = shown.length < ids.length ? ['...'] : [];
    return shown.length > 0 ? `${start} (${[...shown, ...more].join(', ')})` : start;
  });
}

/** The same for all that are held alike: by whatever image, until whatever day. */
function kindOf(reason: string): string {
  return reason.replaceAll(/\bami-[0-9a-f]+/g, 'an image').replaceAll(/ until \d{4}-\d\d-\d\d/g, '');
}
