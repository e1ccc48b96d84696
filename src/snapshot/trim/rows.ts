/** Rows of a result, made of a plan. */
import type {Region} from '../../ec2/ids.ts';
import {ageText} from '../../words.ts';
import type {LineagePlan, PlannedSnapshot, TrimPlan} from './plan.ts';
import type {TrimmedSnapshot} from './request.ts';

/** One snapshot of a plan, and where it belongs. */
export interface Judged {
  readonly region: Region;
  readonly lineage: LineagePlan;
  readonly snapshot: PlannedSnapshot;
}

/** One that is to be deleted. */
export type Candidate = Judged;

/** What a plan deletes. */
export function candidatesOf({regions}: Pick<TrimPlan, 'regions'>): Candidate[] {
  return regions.flatMap(({region, lineages}) =>
    lineages.flatMap((lineage) =>
      lineage.snapshots
        .filter(({verdict}) => verdict === 'delete')
        .map((snapshot) => ({region, lineage, snapshot})),
    ),
  );
}

/** The set that it is deleted with or not at all. A copy beside its originals is not of their making. */
export function setOf({lineage, snapshot}: Candidate): string | undefined {
  return setKey(lineage, snapshot.set);
}

/** The same text for all of a set. */
export function setKey(
  {isReplica}: Pick<LineagePlan, 'isReplica'>,
  set: string | undefined,
): string | undefined {
  return set === undefined ? undefined : `${isReplica ? 'replica' : 'original'} ${set}`;
}

/** The row of one of them. */
export function rowOf(
  {region, lineage, snapshot}: Candidate,
  {createdAt}: Pick<TrimPlan, 'createdAt'>,
  state: TrimmedSnapshot['state'],
): TrimmedSnapshot {
  return {
    snapshotId: snapshot.id,
    volumeId: lineage.volume,
    region,
    time: new Date(snapshot.timeMs).toISOString(),
    age: ageText(Date.parse(createdAt) - snapshot.timeMs),
    sizeGiB: snapshot.sizeGiB,
    fullBytes: snapshot.fullBytes ?? null,
    why: snapshot.reasons.join('; '),
    state,
    instanceId: lineage.instance ?? null,
    device: lineage.device ?? null,
    bornIn: lineage.bornIn,
    isReplica: lineage.isReplica,
    policy: lineage.policy,
  };
}
