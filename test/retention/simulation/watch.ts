/** Looks on at each trim of a simulation and fails at the first that breaks a promise. */
import assert from 'node:assert/strict';
import type {Decision} from '../../../src/retention/decide.ts';
import {TIERS, type TierCounts} from '../../../src/retention/policy.ts';
import {type Account, type Snapshot, stateOf} from './account.ts';
import {periodsAt} from './periods.ts';

export interface Promises {
  readonly zone: string;
  readonly minKeep: number;
  readonly minAgeMs: number;
  readonly counts: TierCounts;
}

interface History {
  /** For each tier, the periods that ever had a completed backup. */
  readonly filled: readonly Set<number>[];
  readonly periodsOf: Map<string, readonly number[]>;
}

const CLOCK_TOLERANCE_MS = 5 * 60_000;

export class Watch {
  readonly #promises: Promises;
  readonly #periodsAt: (timeMs: number) => readonly number[];
  readonly #histories = new Map<string, History>();

  constructor(promises: Promises) {
    this.#promises = promises;
    this.#periodsAt = periodsAt(promises.zone);
  }

  /** Before the deletes are carried out. */
  check(account: Account, decisions: readonly Decision[], nowMs: number): void {
    const deleted = new Set(decisions.filter(({verdict}) => verdict === 'delete').map(({item}) => item.id));
    const snapshots = account.snapshots();
    this.#neverCandidates(
      snapshots.filter(({id}) => deleted.has(id)),
      nowMs,
    );
    for (const [lineage, backups] of byLineage(snapshots.filter((one) => isBackup(one, nowMs)))) {
      const history = this.#history(lineage, backups);
      if (!backups.some(({id}) => deleted.has(id))) continue;
      const kept = backups.filter(({id}) => !deleted.has(id));
      this.#newestStay(backups, kept);
      this.#periodsStay(lineage, history, kept);
      this.#restGoes(kept, nowMs);
    }
  }

  #neverCandidates(deleted: readonly Snapshot[], nowMs: number): void {
    for (const snapshot of deleted) {
      assert.ok(isBackup(snapshot, nowMs), `${snapshot.id} is deleted and is no completed backup`);
      assert.ok(!snapshot.isPinned, `${snapshot.id} is deleted and pinned`);
      const ageMs = nowMs - snapshot.timeMs;
      assert.ok(ageMs >= this.#promises.minAgeMs, `${snapshot.id} is deleted at ${ageMs} ms`);
    }
  }

  #newestStay(backups: readonly Snapshot[], kept: readonly Snapshot[]): void {
    const newest = (from: readonly Snapshot[]) =>
      from
        .map(({timeMs}) => timeMs)
        .sort((a, b) => b - a)
        .slice(0, this.#promises.minKeep);
    assert.deepEqual(newest(kept), newest(backups));
  }

  /** A period with a backup keeps one while its tier reaches it, so that gaps stay under two periods where there were backups. */
  #periodsStay(lineage: string, {filled, periodsOf}: History, kept: readonly Snapshot[]): void {
    TIERS.forEach((tier, index) => {
      const occupied = new Set(kept.map(({id}) => periodsOf.get(id)?.[index] ?? 0));
      const last = Math.max(...occupied);
      for (let period = last - this.#promises.counts[tier] + 1; period <= last; period += 1) {
        if (!filled[index]?.has(period) || occupied.has(period)) continue;
        assert.fail(`${lineage}: ${tier} period ${period} had a backup and has none`);
      }
    });
  }

  /** One for each period, the newest and the oldest; beside them only what is pinned, young, or in a set. */
  #restGoes(kept: readonly Snapshot[], nowMs: number): void {
    const {counts, minKeep, minAgeMs} = this.#promises;
    const atMost = TIERS.reduce((sum, tier) => sum + counts[tier], minKeep + 1);
    const judged = kept.filter(
      ({isPinned, timeMs, set}) => !isPinned && set === undefined && nowMs - timeMs >= minAgeMs,
    );
    assert.ok(judged.length <= atMost, `${judged.length} are kept`);
  }

  #history(lineage: string, backups: readonly Snapshot[]): History {
    const known = this.#histories.get(lineage);
    const history = known ?? {filled: TIERS.map(() => new Set<number>()), periodsOf: new Map()};
    this.#histories.set(lineage, history);
    for (const {id, timeMs} of backups) {
      if (history.periodsOf.has(id)) continue;
      const periods = this.#periodsAt(timeMs);
      history.periodsOf.set(id, periods);
      history.filled.forEach((set, index) => {
        set.add(periods[index] ?? 0);
      });
    }
    return history;
  }
}

function isBackup(snapshot: Snapshot, nowMs: number): boolean {
  return stateOf(snapshot, nowMs) === 'completed' && snapshot.timeMs <= nowMs + CLOCK_TOLERANCE_MS;
}

function byLineage(snapshots: readonly Snapshot[]): ReadonlyMap<string, readonly Snapshot[]> {
  const lineages = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    const members = lineages.get(snapshot.lineage);
    if (members) members.push(snapshot);
    else lineages.set(snapshot.lineage, [snapshot]);
  }
  return lineages;
}
