/** Everything that a plan says of one snapshot. Pure. */
import {visibleText} from '../../../runner/display/visible-text.ts';
import type {Canvas} from '../../../runner/picture.ts';
import {ageText, bytesText, timeText} from '../../../words.ts';
import type {LineagePlan, PlannedSnapshot, TrimPlan} from '../plan.ts';
import type {Judged} from '../rows.ts';
import {timelineLines} from './timeline.ts';

/** What it is of, what becomes of it and why, and where it stands among the others. */
export function explainLines(
  {region, lineage, snapshot}: Judged,
  {createdAt}: Pick<TrimPlan, 'createdAt'>,
  canvas: Canvas,
): string[] {
  const age = ageText(Date.parse(createdAt) - snapshot.timeMs);
  const alone = {createdAt, regions: [{region, lineages: [lineage], others: []}]};
  return [
    `${snapshot.id} in ${region}: ${verdictText(snapshot, canvas)}`,
    ...snapshot.reasons.map((reason, index) => field(index === 0 ? 'because' : '', reason)),
    field('of', volumeText(lineage)),
    field('from', `${timeText(snapshot.timeMs)}, ${age} ago`),
    field('state', stateText(snapshot)),
    field('policy', lineage.policy),
    ...timelineLines(alone, canvas),
  ];
}

function verdictText({verdict}: PlannedSnapshot, {paint}: Canvas): string {
  return verdict === 'keep' ? paint('good', 'kept') : paint('bad', 'to be deleted');
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(8)} ${visibleText(text)}`;
}

function volumeText({volume, name, device, instance, bornIn, isReplica}: LineagePlan): string {
  return [
    name === undefined ? volume : `${volume} (${name})`,
    ...(device === undefined ? [] : [`${device}${instance === undefined ? '' : ` of ${instance}`}`]),
    ...(isReplica ? [`copied from ${bornIn}`] : []),
  ].join(', ');
}

function stateText({state, sizeGiB, fullBytes, set}: PlannedSnapshot): string {
  const full = fullBytes === undefined ? '' : `, ${bytesText(fullBytes)} in full`;
  return `${state}, of ${sizeGiB} GiB${full}${set === undefined ? '' : `, of set ${set}`}`;
}
