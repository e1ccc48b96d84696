/** Two plans become one: deleted is only what an earlier one and one made now both delete. Pure. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {RefusedError} from '../../errors.ts';
import type {RegionPlan, TrimPlan} from './plan.ts';
import {candidatesOf} from './rows.ts';

export interface Agreement {
  readonly plan: TrimPlan;
  /** What only the earlier one deletes, and why it stays. */
  readonly stays: readonly {readonly id: SnapshotId; readonly region: Region; readonly reason: string}[];
  /** How many of the earlier one's deletes are gone. */
  readonly gone: number;
}

/** Compares them. @throws RefusedError when they are not of the same account */
export function agree(earlier: TrimPlan, now: TrimPlan): Agreement {
  const wanted = new Map(candidatesOf(earlier).map((candidate) => [candidate.snapshot.id, candidate.region]));
  const mayDelete = wanted.size > 0 && now.regions.length > 0;
  if (mayDelete && earlier.account !== now.account) throw anotherAccount(earlier, now);
  const stays: {id: SnapshotId; region: Region; reason: string}[] = [];
  const seen = new Set<SnapshotId>();
  for (const {region, lineages, others} of now.regions) {
    for (const {id, verdict, reasons} of lineages.flatMap(({snapshots}) => snapshots)) {
      seen.add(id);
      if (verdict === 'keep' && wanted.has(id)) stays.push({id, region, reason: reasons.join('; ')});
    }
    for (const {id, reason} of others) {
      seen.add(id);
      if (wanted.has(id)) stays.push({id, region, reason});
    }
  }
  const listed = new Set(now.regions.map(({region}) => region));
  const gone = [...wanted].filter(([id, region]) => listed.has(region) && !seen.has(id)).length;
  const regions = now.regions.map((plan) => onlyWanted(plan, wanted));
  return {plan: {...now, regions}, stays, gone};
}

function onlyWanted(plan: RegionPlan, wanted: ReadonlyMap<SnapshotId, Region>): RegionPlan {
  const lineages = plan.lineages.map((lineage) => ({
    ...lineage,
    snapshots: lineage.snapshots.map((snapshot) =>
      snapshot.verdict === 'keep' || wanted.has(snapshot.id)
        ? snapshot
        : {...snapshot, verdict: 'keep' as const, reasons: ['not in the plan that is applied']},
    ),
  }));
  return {...plan, lineages};
}

function anotherAccount(earlier: TrimPlan, now: TrimPlan): RefusedError {
  const here = now.account === '' ? 'there are no snapshots here' : `this is account ${now.account}`;
  return new RefusedError('PlanRefused', `the plan is for account ${earlier.account}, and ${here}`, {
    hint: 'Choose the credentials that it was made with, such as --profile NAME.',
  });
}
