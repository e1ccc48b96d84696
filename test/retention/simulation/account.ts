/** A simulated account: snapshots that take their time, fail, and are deleted. */
import type {Item} from '../../../src/retention/decide.ts';

export interface Snapshot {
  readonly id: string;
  readonly lineage: string;
  /** What the clock of the host that took it showed. */
  readonly timeMs: number;
  readonly set?: string;
  readonly isPinned: boolean;
  /** When it is no longer pending, by AWS's clock. */
  readonly endsMs: number;
  readonly fails: boolean;
}

export type State = 'pending' | 'completed' | 'error';

export class Account {
  readonly #snapshots = new Map<string, Snapshot>();
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  take(snapshot: Omit<Snapshot, 'id'>): void {
    this.#taken += 1;
    const id = `snap-${this.#taken.toString(16).padStart(17, '0')}`;
    this.#snapshots.set(id, {id, ...snapshot});
  }

  snapshots(): readonly Snapshot[] {
    return [...this.#snapshots.values()];
  }

  delete(id: string): void {
    this.#snapshots.delete(id);
  }

  deleteBroken(nowMs: number): void {
    for (const snapshot of this.snapshots()) {
      if (stateOf(snapshot, nowMs) === 'error') this.delete(snapshot.id);
    }
  }
}

export function stateOf({endsMs, fails}: Snapshot, nowMs: number): State {
  if (nowMs < endsMs) return 'pending';
  return fails ? 'error' : 'completed';
}

/** As the gathering of trim_snapshots hands it to the decision. */
export function itemOf(snapshot: Snapshot, nowMs: number): Item {
  const {id, lineage, timeMs, set, isPinned} = snapshot;
  const isBackup = stateOf(snapshot, nowMs) === 'completed';
  const holds = isPinned ? ['pinned'] : [];
  return {id, lineage, timeMs, isBackup, holds, ...(set === undefined ? {} : {set})};
}
