/** The plan of one region: facts and settings become verdicts with their reasons. */
import type {OwnSnapshot} from '../../../ec2/snapshots/own-snapshots.ts';
import type {FtaskError} from '../../../errors.ts';
import {type Decision, decide, type Item} from '../../../retention/decide.ts';
import {policyText} from '../../../retention/policy.ts';
import {reasonText} from '../../../retention/reason.ts';
import type {RegionFacts} from '../gather/gather-region.ts';
import {holdsOf} from '../gather/holds.ts';
import type {LineagePlan, PlannedSnapshot, RegionPlan} from '../plan.ts';
import {setKey} from '../rows.ts';
import {type Grouping, groupLineages, type Lineage} from './lineages.ts';

export interface Planning extends Grouping {
  readonly nowMs: number;
}

export interface PlannedRegion {
  readonly plan: RegionPlan;
  /** Lineages that are kept whole because nobody can tell by what policy. */
  readonly unreadable: readonly {readonly volume: string; readonly error: FtaskError}[];
}

/** Plans a region. Pure: the same facts, settings and time give the same plan. */
export function planRegion(facts: RegionFacts, planning: Planning): PlannedRegion {
  const {lineages, others} = groupLineages(facts, planning);
  const items = lineages.flatMap((lineage) =>
    lineage.snapshots.map((snapshot) => itemOf(snapshot, lineage, facts, planning)),
  );
  const policies = new Map(lineages.map(({key, policy}) => [key, policy]));
  const {nowMs, settings} = planning;
  const decisions = decide(items, {
    nowMs,
    zone: settings.timeZone,
    minKeep: settings.minKeep,
    minAgeMs: settings.minAgeMs,
    policyOf: (key) => policies.get(key) ?? planning.policyOf(undefined),
  });
  let next = 0;
  const plans = lineages.map((lineage) => {
    const own = decisions.slice(next, next + lineage.snapshots.length);
    next += own.length;
    return lineagePlan(lineage, own);
  });
  return {
    plan: {region: facts.region, lineages: plans, others},
    unreadable: lineages.flatMap(({id, error}) => (error ? [{volume: id.volume, error}] : [])),
  };
}

function itemOf(
  snapshot: OwnSnapshot,
  {key, id, error}: Lineage,
  {uses}: RegionFacts,
  {nowMs}: Planning,
): Item {
  const {state, origin} = snapshot;
  const set = setKey(id, origin.set);
  const holds = holdsOf(snapshot, uses, nowMs);
  if (state !== 'completed') holds.unshift(state === 'pending' ? 'pending' : `in state ${state}`);
  if (error) holds.push(error.message);
  return {
    id: snapshot.id,
    lineage: key,
    timeMs: origin.timeMs,
    isBackup: state === 'completed',
    ...(set !== undefined && {set}),
    holds,
  };
}

function lineagePlan(lineage: Lineage, decisions: readonly Decision[]): LineagePlan {
  const {id, policy, snapshots} = lineage;
  const newest = snapshots.at(-1);
  const {instance, device} = newest?.origin ?? {};
  const name = newest?.tags['Name'];
  return {
    ...id,
    ...(instance !== undefined && {instance}),
    ...(name !== undefined && {name}),
    ...(device !== undefined && {device}),
    policy: policyText(policy),
    snapshots: snapshots.flatMap((snapshot, index) => {
      const decision = decisions[index];
      return decision ? [plannedSnapshot(snapshot, decision)] : [];
    }),
  };
}

function plannedSnapshot(
  {id, state, sizeGiB, fullBytes, origin}: OwnSnapshot,
  {item, verdict, reasons}: Decision,
): PlannedSnapshot {
  return {
    id,
    timeMs: origin.timeMs,
    state,
    sizeGiB,
    ...(fullBytes !== undefined && {fullBytes}),
    ...(origin.set !== undefined && {set: origin.set}),
    verdict,
    reasons: reasons.map(reasonText),
    isHeld: item.holds.length > 0 || !item.isBackup || reasons.some(({kind}) => kind === 'future'),
  };
}
