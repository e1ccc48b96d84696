/** Which deletes are looked at together just before they are made. Pure. */
import {type Candidate, setOf} from '../rows.ts';

/** Small enough that what is looked at is deleted within seconds, large enough that looking costs little. */
const BATCH = 25;

/** Newest first, so that a run that is cut off leaves what it began with; a set is never torn apart. */
export function batchesOf(candidates: readonly Candidate[]): Candidate[][] {
  const batches: Candidate[][] = [];
  let open: Candidate[] = [];
  for (const unit of unitsOf(candidates)) {
    if (open.length > 0 && open.length + unit.length > BATCH) {
      batches.push(open);
      open = [];
    }
    open.push(...unit);
  }
  return open.length > 0 ? [...batches, open] : batches;
}

/** A set, or a snapshot that is of none. */
function unitsOf(candidates: readonly Candidate[]): Candidate[][] {
  const units = new Map<string, Candidate[]>();
  const newestFirst = [...candidates].sort((a, b) => b.snapshot.timeMs - a.snapshot.timeMs);
  for (const candidate of newestFirst) {
    const key = setOf(candidate) ?? candidate.snapshot.id;
    const unit = units.get(key);
    if (unit) unit.push(candidate);
    else units.set(key, [candidate]);
  }
  return [...units.values()];
}
