/** A plan in a few words, with sizes. Pure. */
import {bytesText, counted} from '../words.ts';
import type {LeftOut, Plan, PlanAction, PlanItem} from './plan/plan.ts';

const GIB = 2 ** 30;

/** `12 snapshots of 340 GiB to replicate, 3 being made, 20 there`. */
export function planText({items}: Plan): string {
  const of = (wanted: PlanAction): PlanItem[] => items.filter(({action}) => action === wanted);
  const [copy, adopt, present] = [of('copy'), of('adopt'), of('present')];
  const made = adopt.filter(({replica}) => replica?.state === 'completed').length;
  const size = copy.reduce((sum, {source}) => sum + source.sizeGiB, 0) * GIB;
  const parts = [
    ...(copy.length > 0 ? [`${counted(copy.length, 'snapshot')} of ${bytesText(size)} to replicate`] : []),
    ...(adopt.length > made ? [`${adopt.length - made} being made`] : []),
    ...(made > 0 ? [`${made} to be compared`] : []),
    ...(present.length > 0 ? [`${present.length} there`] : []),
  ];
  return parts.join(', ') || 'nothing to replicate';
}

/** A line for each volume that has nothing to replicate, and one a region and reason for those that have something older. */
export function leftOutTexts(leftOut: Plan['leftOut']): string[] {
  const lines: string[] = [];
  const replaced = new Map<string, LeftOut[]>();
  for (const one of leftOut) {
    const {region, id, origin} = one.source;
    const key = `${region} ${one.reason}`;
    if (one.isReplaced) replaced.set(key, [...(replaced.get(key) ?? []), one]);
    else lines.push(`${region}: ${id} of ${origin.volume} is left out: ${one.reason}`);
  }
  return [...lines, ...[...replaced.values()].flatMap(replacedText)];
}

function replacedText(same: readonly LeftOut[]): string[] {
  const [first] = same;
  if (!first) return [];
  const {source, reason} = first;
  const verb = reason === 'ended in error' ? '' : same.length === 1 ? 'is ' : 'are ';
  const instead = same.length === 1 ? 'an older one of its volume is' : 'older ones of their volumes are';
  return [
    `${source.region}: ${counted(same.length, 'newer snapshot')} ${verb}${reason}; ${instead} replicated`,
  ];
}
