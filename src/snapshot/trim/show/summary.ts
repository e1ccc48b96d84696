/** What a plan comes to, in a few lines. Pure. */
import type {SnapshotId} from '../../../ec2/ids.ts';
import {visibleText} from '../../../runner/display/visible-text.ts';
import type {PlannedSnapshot, RegionPlan, TrimPlan} from '../plan.ts';
import {bytesText, counted, dayText, number} from './words.ts';

const SHOWN_IDS = 3;
const GIB = 1024 ** 3;

/** A line for each region with snapshots and one for them all, then what is held and what is none of ours, by reason. */
export function summaryLines({regions}: Pick<TrimPlan, 'regions'>): string[] {
  const filled = regions.filter(({lineages, others}) => lineages.length + others.length > 0);
  const all = filled.flatMap(({lineages}) => lineages);
  const ours = filled.filter(({lineages}) => lineages.length > 0);
  return [
    ...ours.map(({region, lineages}) => `${region}: ${sumText(lineages)}`),
    ...(ours.length === 0 ? ['nothing to judge'] : []),
    ...(ours.length > 1 ? [`in all: ${sumText(all)}`] : []),
    ...groupLines('held', heldOf(filled)),
    ...groupLines(
      'never judged',
      filled.flatMap(({others}) => others),
    ),
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

function sumText(lineages: RegionPlan['lineages']): string {
  const snapshots = lineages.flatMap((lineage) => lineage.snapshots);
  const deleted = snapshots.filter(({verdict}) => verdict === 'delete');
  const kept = snapshots.filter(({verdict}) => verdict === 'keep');
  const copies = lineages.filter(({isReplica}) => isReplica).length;
  const oldest = kept.reduce((least, {timeMs}) => Math.min(least, timeMs), Number.POSITIVE_INFINITY);
  return [
    `${counted(lineages.length, 'volume')}${copies > 0 ? ` (${number(copies)} copied)` : ''}`,
    `${number(kept.length)} kept`,
    `${number(deleted.length)} to be deleted${deleted.length > 0 ? ` (${sizeText(deleted)})` : ''}`,
    ...(kept.length > 0 ? [`oldest kept ${dayText(oldest)}`] : []),
  ].join(', ');
}

/** Of every snapshot all the blocks that it stands for, though AWS frees only those that no other one needs. */
function sizeText(snapshots: readonly PlannedSnapshot[]): string {
  const full = snapshots.reduce((sum, {fullBytes = 0}) => sum + fullBytes, 0);
  if (full > 0) return `${bytesText(full)} in full`;
  return `of volumes of ${bytesText(snapshots.reduce((sum, {sizeGiB}) => sum + sizeGiB * GIB, 0))}`;
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

function groupLines(title: string, told: readonly Told[]): string[] {
  const groups = new Map<string, SnapshotId[]>();
  for (const {id, reason} of told) {
    const ids = groups.get(kindOf(reason));
    if (ids) ids.push(id);
    else groups.set(kindOf(reason), [id]);
  }
  return [...groups].map(([kind, ids]) => {
    const more = ids.length > SHOWN_IDS ? ', ...' : '';
    return `${title}: ${number(ids.length)} ${visibleText(kind)} (${ids.slice(0, SHOWN_IDS).join(', ')}${more})`;
  });
}

/** The same for all that are held alike: by whatever image, until whatever day. */
function kindOf(reason: string): string {
  return reason.replaceAll(/\bami-[0-9a-f]+/g, 'an image').replaceAll(/ until \d{4}-\d\d-\d\d/g, '');
}
