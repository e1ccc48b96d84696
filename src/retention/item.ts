/** One snapshot as retention sees it. */

export interface Item {
  readonly id: string;
  /** Items of one lineage share the periods of one policy: the same data, in the same region. */
  readonly lineage: string;
  /** The point in time of the data. */
  readonly timeMs: number;
  /** Whether it is completed, and one of ours. */
  readonly isBackup: boolean;
  /** Items of one set are kept together, of whatever lineages they are. */
  readonly set?: string;
  /** In words: why it is never to be deleted. */
  readonly holds: readonly string[];
}

/** Clocks differ by so much without anybody being wrong. */
const SKEW_MS = 5 * 60_000;

/** Whether it is dated so far ahead, or not at all, that nobody can tell its age. */
export function isFuture({timeMs}: Item, nowMs: number): boolean {
  return !(timeMs <= nowMs + SKEW_MS);
}
