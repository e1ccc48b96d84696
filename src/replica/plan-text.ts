/** A plan in a few words, with sizes. Pure. */
import {bytesText, counted} from '../words.ts';
import type {Plan, PlanAction, PlanItem} from './plan/plan.ts';

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
