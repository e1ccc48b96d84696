/** Two plans become one: deleted is only what an earlier one and one made now both delete. Pure. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {RefusedError} from '../../errors.ts';
import type {LineagePlan, PlannedSnapshot, RegionPlan, TrimPlan} from './plan.ts';
import {candidatesOf, setKey, setOf} from './rows.ts';

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
  const isTold = earlier.account !== '' || wanted.size > 0;
  if (isTold && now.regions.length > 0 && earlier.account !== now.account) throw anotherAccount(earlier, now);
  const regions = now.regions.map((plan) => onlyWanted(plan, wanted));
  const stays: {id: SnapshotId; region: Region; reason: string}[] = [];
  const seen = new Set<SnapshotId>();
  for (const {region, lineages, others} of regions) {
    for (const {id, verdict, reasons} of lineages.flatMap(({snapshots}) => snapshots)) {
      seen.add(id);
      if (verdict === 'keep' && wanted.has(id)) stays.push({id, region, reason: reasons.join('; ')});
    }
    for (const {id, reason} of others) {
      seen.add(id);
      if (wanted.has(id)) stays.push({id, region, reason});
    }
  }
  const listed = new Set(regions.map(({region}) => region));
  const gone = [...wanted].filter(([id, region]) => listed.has(region) && !seen.has(id)).length;
  return {plan: {...now, regions}, stays, gone};
}

function onlyWanted(plan: RegionPlan, wanted: ReadonlyMap<SnapshotId, Region>): RegionPlan {
  const candidates = candidatesOf({regions: [plan]});
  const unwanted = candidates.filter(({snapshot}) => !wanted.has(snapshot.id));
  // A set may have grown since: a copy of another of its volumes came later.
  const heldSets = new Map(unwanted.map((candidate) => [setOf(candidate), candidate.snapshot.id]));
  const reasonToKeep = (lineage: LineagePlan, snapshot: PlannedSnapshot): string | undefined => {
    if (snapshot.verdict === 'keep') return undefined;
    if (!wanted.has(snapshot.id)) return 'not in the plan that is applied';
    const member = snapshot.set === undefined ? undefined : heldSets.get(setKey(lineage, snapshot.set));
    return member === undefined
      ? undefined
      : `of one set with ${member}, which is not in the plan that is applied`;
  };
  const lineages = plan.lineages.map((lineage) => ({
    ...lineage,
    snapshots: lineage.snapshots.map((snapshot) => {
      const reason = reasonToKeep(lineage, snapshot);
      return reason === undefined ? snapshot : {...snapshot, verdict: 'keep' as const, reasons: [reason]};
    }),
  }));
  return {...plan, lineages};
}

function anotherAccount(earlier: TrimPlan, now: TrimPlan): RefusedError {
  const here = now.account === '' ? 'there are no snapshots here' : `this is account ${now.account}`;
  return new RefusedError('PlanRefused', `the plan is for account ${earlier.account}, and ${here}`, {
    hint: 'Choose the credentials that it was made with, such as --profile NAME.',
  });
}
