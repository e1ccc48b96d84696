/** What is kept and what may be deleted of the snapshots of a region, with every reason. Touches nothing. */
import {type Item, isFuture} from './item.ts';
import {type Floor, Lineage} from './lineage.ts';
import type {Policy} from './policy.ts';
import type {KeepReason, Reason} from './reason.ts';
import {ruleMaker} from './rule.ts';

export type {Item} from './item.ts';

export interface Rules extends Floor {
  /** UTC or a name of the IANA time zone database; see `checkZone`. */
  readonly zone: string;
  /** Asked once for each lineage that has a backup. */
  readonly policyOf: (lineage: string) => Policy;
}

export interface Decision {
  readonly item: Item;
  readonly verdict: 'keep' | 'delete';
  /** Every reason to keep it or, for a delete, why each rule does not, the finest that reaches it first. Made anew whenever it is read. */
  readonly reasons: readonly Reason[];
}

/**
 * Decides on each item, in the order of the items; their order makes no other difference. Sets are
 * looked at over all of them. An empty policy deletes nothing.
 */
export function decide(items: readonly Item[], rules: Rules): readonly Decision[] {
  const decisions = new Array<Decision>(items.length);
  const lineages = new Map<string, number[]>();
  items.forEach((item, index) => {
    const outside = outsideReasons(item, rules.nowMs);
    if (outside.length > 0) decisions[index] = {item, verdict: 'keep', reasons: outside};
    else append(lineages, item.lineage, index);
  });
  const makeRules = ruleMaker(rules.zone);
  for (const [name, indexes] of lineages) {
    const policy = rules.policyOf(name);
    sortNewestFirst(indexes, items);
    const backups = withoutRepeats(indexes.map((index) => items[index] as Item));
    const lineage = new Lineage(backups, (history) => makeRules(policy, history), rules);
    let place = 0;
    for (const index of indexes) {
      const item = items[index] as Item;
      if (item.id !== backups[place]?.id) place += 1;
      decisions[index] = new DecisionInLineage(item, lineage, place);
    }
  }
  return keepSetsWhole(decisions);
}

class DecisionInLineage implements Decision {
  readonly item: Item;
  readonly verdict: 'keep' | 'delete';
  readonly #lineage: Lineage;
  readonly #place: number;

  constructor(item: Item, lineage: Lineage, place: number) {
    this.item = item;
    this.verdict = lineage.isKept(place) ? 'keep' : 'delete';
    this.#lineage = lineage;
    this.#place = place;
  }

  get reasons(): readonly Reason[] {
    return this.#lineage.reasons(this.#place);
  }
}

/** Why it takes no part in any period; nothing for a backup that does. */
function outsideReasons(item: Item, nowMs: number): readonly KeepReason[] {
  const isAhead = isFuture(item, nowMs);
  if (item.isBackup && !isAhead) return [];
  const reasons: KeepReason[] = item.holds.map((why) => ({kind: 'held', why}));
  if (isAhead) reasons.push({kind: 'future'});
  return reasons.length > 0 ? reasons : [{kind: 'not a backup'}];
}

function append(lineages: Map<string, number[]>, lineage: string, index: number): void {
  const indexes = lineages.get(lineage);
  if (indexes) indexes.push(index);
  else lineages.set(lineage, [index]);
}

function sortNewestFirst(indexes: number[], items: readonly Item[]): void {
  indexes.sort((left, right) => {
    const [one, other] = [items[left] as Item, items[right] as Item];
    return other.timeMs - one.timeMs || (one.id < other.id ? -1 : 1);
  });
}

/** Of a snapshot that pages of a list told twice, one would be newer than the other. */
function withoutRepeats(sorted: readonly Item[]): readonly Item[] {
  return sorted.filter(({id}, index) => id !== sorted[index - 1]?.id);
}

function keepSetsWhole(decisions: readonly Decision[]): readonly Decision[] {
  const keptMembers = new Map<string, string>();
  for (const {item, verdict} of decisions) {
    if (item.set === undefined || verdict === 'delete') continue;
    const known = keptMembers.get(item.set);
    if (known === undefined || item.id < known) keptMembers.set(item.set, item.id);
  }
  return decisions.map((decision) => {
    const {item, verdict} = decision;
    const keptMember = item.set === undefined ? undefined : keptMembers.get(item.set);
    if (verdict === 'keep' || keptMember === undefined) return decision;
    return {item, verdict: 'keep', reasons: [{kind: 'set', keptMember}]};
  });
}
