/** The backups of one lineage, newest first, and what each rule says of each of them. */
import type {Item} from './item.ts';
import type {DeleteReason, KeepReason, Reason} from './reason.ts';
import {firstPeriod, type History, type Rule, reachesBeyond} from './rule.ts';

/** What is kept whatever the rules say. */
export interface Floor {
  readonly nowMs: number;
  /** So many of the newest backups of each lineage; the very newest is kept by any rule that there is. */
  readonly minKeep: number;
  /** Backups younger than this. */
  readonly minAgeMs: number;
}

/** Stands for a keeper where a rule does not reach. */
const OUTSIDE = -1;

/** Reasons are made when they are asked for: of a million snapshots few are ever explained. */
export class Lineage {
  readonly #backups: readonly Item[];
  readonly #rules: readonly Rule[];
  readonly #floor: Floor;
  /** For each rule and backup, the place of the backup that is kept of the same period. */
  readonly #keepers: Int32Array;
  readonly #oldest: number;
  readonly #reaching: Rule | undefined;

  /**
   * At least one backup, newest first, and of those of one time that first which is kept for them all;
   * a place is an index into them. Without a rule all are kept.
   */
  constructor(backups: readonly Item[], rulesOf: (history: History) => readonly Rule[], floor: Floor) {
    this.#backups = backups;
    const history = {newestMs: timeAt(backups, 0), oldestMs: timeAt(backups, backups.length - 1)};
    this.#rules = rulesOf(history);
    this.#floor = floor;
    this.#keepers = new Int32Array(this.#rules.length * backups.length).fill(OUTSIDE);
    this.#rules.forEach((rule, index) => {
      this.#apply(rule, index * backups.length);
    });
    this.#oldest = backups.findIndex(({timeMs}) => timeMs === history.oldestMs);
    this.#reaching = this.#rules.findLast((rule) => reachesBeyond(rule, history));
  }

  /** Whether it is kept for a reason of its own. */
  isKept(place: number): boolean {
    return (
      this.#rules.length === 0 ||
      place < this.#floor.minKeep ||
      this.#isYoung(place) ||
      this.#isOldestNeeded(place) ||
      this.#rules.some((_, rule) => this.#keeper(rule, place) === place) ||
      this.#item(place).holds.length > 0
    );
  }

  /** Every reason to keep it or, where there is none, why each rule does not: the finest that reaches it first. */
  reasons(place: number): readonly Reason[] {
    const kept = this.#keepReasons(place);
    if (kept.length > 0) return kept;
    const reasons = this.#rules.map((rule, index) => this.#deleteReason(rule, index, place));
    return [...reasons.filter(isSuperseded), ...reasons.filter((reason) => !isSuperseded(reason))];
  }

  #apply(rule: Rule, offset: number): void {
    const first = firstPeriod(rule, timeAt(this.#backups, 0));
    let period = Number.NaN;
    let keeper = 0;
    for (let place = 0; place < this.#backups.length; place += 1) {
      const next = rule.periodOf(timeAt(this.#backups, place));
      if (next < first) return;
      if (next !== period) [period, keeper] = [next, place];
      this.#keepers[offset + place] = keeper;
    }
  }

  #keepReasons(place: number): readonly KeepReason[] {
    const {minKeep, minAgeMs} = this.#floor;
    const {holds, timeMs} = this.#item(place);
    const reasons: KeepReason[] = holds.map((why) => ({kind: 'held', why}));
    if (this.#rules.length === 0) reasons.push({kind: 'empty policy'});
    this.#rules.forEach(({name, periodOf, periodName}, index) => {
      if (this.#keeper(index, place) !== place) return;
      reasons.push({kind: 'newest of period', rule: name, period: periodName(periodOf(timeMs))});
    });
    if (place < minKeep) reasons.push({kind: 'one of the newest', count: minKeep});
    if (this.#isYoung(place)) reasons.push({kind: 'young', minAgeMs});
    if (this.#isOldestNeeded(place)) reasons.push({kind: 'oldest', rule: this.#reaching?.name ?? ''});
    return reasons;
  }

  #deleteReason({name, span, periodOf, periodName}: Rule, index: number, place: number): DeleteReason {
    const keeper = this.#keeper(index, place);
    if (keeper === OUTSIDE) return {kind: 'before the kept', rule: name, span};
    const {timeMs} = this.#item(place);
    const {id: by, timeMs: keptMs} = this.#item(keeper);
    const period = periodName(periodOf(timeMs));
    return {kind: 'superseded', rule: name, period, by, isTie: keptMs === timeMs};
  }

  #keeper(rule: number, place: number): number {
    return this.#keepers[rule * this.#backups.length + place] ?? OUTSIDE;
  }

  #isYoung(place: number): boolean {
    return this.#floor.nowMs - timeAt(this.#backups, place) < this.#floor.minAgeMs;
  }

  #isOldestNeeded(place: number): boolean {
    return this.#reaching !== undefined && place === this.#oldest;
  }

  #item(place: number): Item {
    return this.#backups[place] as Item;
  }
}

function isSuperseded({kind}: DeleteReason): boolean {
  return kind === 'superseded';
}

function timeAt(backups: readonly Item[], place: number): number {
  return (backups[place] as Item).timeMs;
}
