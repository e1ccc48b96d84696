/** How fast a time-based copy is asked for. Pure. */

const STEP_MINUTES = 15;
/** No copy is complete in less. */
export const FASTEST_MS = STEP_MINUTES * 60_000;
/** Source: "Time-based copies" in the EBS user guide: a multiple of 15 minutes, from 15 minutes to 48 hours. */
const LONGEST_MINUTES = 2880;

export interface Completion {
  readonly minutes: number;
  /** Even the fastest copy comes too late. */
  readonly isLate: boolean;
}

/** The slowest copy that is complete before the data is older than `rpoMs`. */
export function completionMinutes(timeMs: number, rpoMs: number, nowMs: number): Completion {
  const steps = Math.floor((timeMs + rpoMs - nowMs) / 60_000 / STEP_MINUTES);
  const minutes = Math.min(LONGEST_MINUTES, Math.max(STEP_MINUTES, steps * STEP_MINUTES));
  return {minutes, isLate: steps < 1};
}
