/** The snapshots of a region by lineage, each with the policy that holds for it. */
import type {OwnSnapshot} from '../../../ec2/snapshots/own-snapshots.ts';
import {UsageError} from '../../../errors.ts';
import type {Policy} from '../../../retention/policy.ts';
import type {RegionFacts} from '../gather/gather-region.ts';
import {identify, type LineageId, lineageKey} from '../gather/identify.ts';
import type {OtherSnapshot} from '../plan.ts';
import type {TrimSettings} from '../settings.ts';

export interface Lineage {
  readonly key: string;
  readonly id: LineageId;
  /** Oldest first. */
  readonly snapshots: readonly OwnSnapshot[];
  readonly policy: Policy;
  /** Its tag cannot be read: nothing of it may be deleted. */
  readonly error?: UsageError;
}

export interface GroupedSnapshots {
  readonly lineages: readonly Lineage[];
  readonly others: readonly OtherSnapshot[];
}

/** By what snapshots are grouped, and the policies found. */
export interface Grouping {
  readonly settings: TrimSettings;
  /** The policy by the value of a lineage's tag. @throws UsageError on a tag that cannot be read */
  readonly policyOf: (tag: string | undefined) => Policy;
}

/** Groups what is ours, and says of the rest why it is not. */
export function groupLineages({region, snapshots}: RegionFacts, grouping: Grouping): GroupedSnapshots {
  const groups = new Map<string, {id: LineageId; snapshots: OwnSnapshot[]}>();
  const others: OtherSnapshot[] = [];
  for (const snapshot of snapshots) {
    const identity = identify(snapshot, region, grouping.settings.tag);
    if ('other' in identity) {
      others.push({id: snapshot.id, reason: identity.other});
      continue;
    }
    const key = lineageKey(identity.lineage);
    const group = groups.get(key) ?? {id: identity.lineage, snapshots: []};
    groups.set(key, group);
    group.snapshots.push(snapshot);
  }
  const lineages = [...groups].map(([key, {id, snapshots}]) => {
    snapshots.sort(byTime);
    return {key, id, snapshots, ...policyFor(snapshots, grouping)};
  });
  return {lineages: lineages.sort((a, b) => (a.key < b.key ? -1 : 1)), others};
}

function byTime(a: OwnSnapshot, b: OwnSnapshot): number {
  return a.origin.timeMs - b.origin.timeMs || (a.id < b.id ? -1 : 1);
}

/** The tag of the newest completed one counts. */
function policyFor(
  snapshots: readonly OwnSnapshot[],
  {settings, policyOf}: Grouping,
): Pick<Lineage, 'policy' | 'error'> {
  const tag = snapshots.findLast(({state}) => state === 'completed')?.tags[settings.policyTag];
  try {
    return {policy: policyOf(tag)};
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return {policy: policyOf(undefined), error};
  }
}
