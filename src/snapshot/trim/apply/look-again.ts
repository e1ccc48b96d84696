/** The last look at snapshots before they are deleted: whatever has changed since the plan keeps them. */
import type {Region, SnapshotId} from '../../../ec2/ids.ts';
import {type OwnSnapshot, snapshotsById} from '../../../ec2/snapshots/own-snapshots.ts';
import {holdsOf, type Uses} from '../gather/holds.ts';
import {identify, lineageKey, type OwnTag} from '../gather/identify.ts';
import type {Look} from '../gather/look.ts';
import {usesOf} from '../gather/uses.ts';
import type {LineagePlan} from '../plan.ts';
import {type Candidate, setOf} from '../rows.ts';
import type {LastLook} from './delete-batches.ts';

/** Looks at them all at once; they are of one region, and sets are whole. @throws Ec2Error */
export async function lookAgain(
  look: Look,
  region: Region,
  batch: readonly Candidate[],
  ownTag?: OwnTag,
): Promise<LastLook<Candidate>> {
  const {ec2, signal} = look;
  const ids = batch.map(({snapshot}) => snapshot.id);
  const newest = batch.flatMap(({lineage}) => newestKept(lineage) ?? []);
  const wanted = [...new Set([...ids, ...newest])];
  const present = new Map((await snapshotsById(ec2, region, wanted, signal)).map((one) => [one.id, one]));
  const there = ids.flatMap((id) => present.get(id) ?? []);
  const uses = await usesOf(look, region, there);
  const reasons = new Map<Candidate, string>();
  for (const candidate of batch) {
    const reason = changeOf(candidate, {present, uses, ownTag, nowMs: ec2.clock.now()});
    if (reason !== undefined) reasons.set(candidate, reason);
  }
  keepSetsWhole(batch, reasons);
  return {
    unchanged: batch.filter((candidate) => !reasons.has(candidate)),
    changed: [...reasons].map(([candidate, reason]) => ({candidate, reason})),
  };
}

interface Found {
  readonly present: ReadonlyMap<SnapshotId, OwnSnapshot>;
  readonly uses: Uses;
  readonly ownTag: OwnTag | undefined;
  readonly nowMs: number;
}

function changeOf(
  {region, lineage, snapshot}: Candidate,
  {present, uses, ownTag, nowMs}: Found,
): string | undefined {
  const current = present.get(snapshot.id);
  if (!current) return 'is gone already';
  if (current.state !== 'completed') return `is in state ${current.state} now`;
  const identity = identify(current, region, ownTag);
  if ('other' in identity) return `is none of ours any more: ${identity.other}`;
  const isSame =
    lineageKey(identity.lineage) === lineageKey(lineage) &&
    current.origin.timeMs === snapshot.timeMs &&
    current.origin.set === snapshot.set;
  if (!isSame) return 'has other tags now';
  const [hold] = holdsOf(current, uses, nowMs);
  if (hold !== undefined) return `is ${hold} now`;
  const newest = newestKept(lineage);
  if (newest === undefined || present.get(newest)?.state !== 'completed') {
    return `the newest of its volume, ${newest ?? 'as planned'}, is gone`;
  }
  return undefined;
}

/** The one that makes the others dispensable. */
function newestKept({snapshots}: LineagePlan): SnapshotId | undefined {
  return snapshots.findLast(({state, verdict}) => state === 'completed' && verdict === 'keep')?.id;
}

function keepSetsWhole(batch: readonly Candidate[], reasons: Map<Candidate, string>): void {
  const held = new Map<string, SnapshotId>();
  for (const candidate of reasons.keys()) {
    const set = setOf(candidate);
    if (set !== undefined && reasons.get(candidate) !== 'is gone already')
      held.set(set, candidate.snapshot.id);
  }
  for (const candidate of batch) {
    const member = held.get(setOf(candidate) ?? '');
    if (member !== undefined && !reasons.has(candidate))
      reasons.set(candidate, `is of one set with ${member}`);
  }
}
