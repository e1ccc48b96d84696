/** Rows of a result. */
import type {Region} from '../ec2/ids.ts';
import {ageText} from '../words.ts';
import type {Made, Method} from './method.ts';
import type {PlanItem} from './plan/plan.ts';
import type {ReplicatedSnapshot} from './request.ts';

export interface RowFacts {
  readonly to: Region;
  readonly method: Method['name'];
  readonly state: ReplicatedSnapshot['state'];
  readonly made?: Made;
}

const UNCOMPARED = 'not yet compared with its source';

/** The row of one item. */
export function rowOf(
  {source, replica, behindMs}: PlanItem,
  {to, method, state, made}: RowFacts,
): ReplicatedSnapshot {
  return {
    sourceSnapshot: source.id,
    snapshotId: made?.id ?? (state === 'would copy' ? null : (replica?.id ?? null)),
    volumeId: source.origin.volume,
    from: source.region,
    to,
    method,
    sizeGiB: made?.sizeGiB ?? source.sizeGiB,
    bytes: made?.bytes ?? null,
    fullBytes: source.fullBytes ?? null,
    time: new Date(source.origin.timeMs).toISOString(),
    waits: isPlanned(state) ? ageText(behindMs) : null,
    seconds: made?.seconds ?? null,
    state,
    note: made?.note ?? (state === 'present' && replica?.isUncompared ? UNCOMPARED : null),
  };
}

/** Whether it is of a dry run, and nothing was done yet. */
export function isPlanned(state: ReplicatedSnapshot['state']): boolean {
  return state === 'would copy' || state === 'would adopt';
}

/** Whether something was made, or waited for. */
export function isNew({state}: ReplicatedSnapshot): boolean {
  return state === 'copied' || state === 'adopted';
}
