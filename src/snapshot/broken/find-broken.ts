/** Finds the snapshots of ours that ended in error, and which of them may be deleted. */
import {formatDuration} from '../../duration.ts';
import type {Region} from '../../ec2/ids.ts';
import {failedSnapshots, type OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';
import {holdsOf, type Uses} from '../trim/gather/holds.ts';
import {identify} from '../trim/gather/identify.ts';
import type {Look} from '../trim/gather/look.ts';
import {usesOf} from '../trim/gather/uses.ts';

export interface Found {
  readonly region: Region;
  /** What may be deleted, in batches that one look takes. */
  readonly batches: readonly (readonly OwnSnapshot[])[];
  readonly stays: readonly Staying[];
  /** How many are not ours. */
  readonly others: number;
}

/** One of ours that stays nevertheless, and why. */
export interface Staying {
  readonly snapshot: OwnSnapshot;
  readonly reason: string;
}

const BATCH = 25;

/** Lists a region; changes nothing. @throws Ec2Error */
export async function findBroken(look: Look, region: Region, minAgeMs: number): Promise<Found> {
  const failed = await failedSnapshots(look.ec2, region, look.signal);
  const ours = failed.filter((snapshot) => !('other' in identify(snapshot, region)));
  const looks = await Promise.all(inBatches(ours).map((batch) => judge(look, region, batch, minAgeMs)));
  return {
    region,
    batches: inBatches(looks.flatMap(({broken}) => broken)),
    stays: looks.flatMap(({stays}) => stays),
    others: failed.length - ours.length,
  };
}

interface Judged {
  readonly broken: readonly OwnSnapshot[];
  readonly stays: readonly Staying[];
}

/** Asks what a batch, listed just now, is used for, and tells what of it may be deleted. @throws Ec2Error */
export async function judge(
  look: Look,
  region: Region,
  batch: readonly OwnSnapshot[],
  minAgeMs: number,
): Promise<Judged> {
  const uses = await usesOf(look, region, batch);
  const nowMs = look.ec2.clock.now();
  const reasons = batch.map((snapshot) => whyStays(snapshot, region, {uses, nowMs, minAgeMs}));
  return {
    broken: batch.filter((_, index) => reasons[index] === undefined),
    stays: batch.flatMap((snapshot, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{snapshot, reason}];
    }),
  };
}

interface Judging {
  readonly uses: Uses;
  readonly nowMs: number;
  readonly minAgeMs: number;
}

function whyStays(
  snapshot: OwnSnapshot,
  region: Region,
  {uses, nowMs, minAgeMs}: Judging,
): string | undefined {
  if (snapshot.state !== 'error') return `is in state ${snapshot.state} now`;
  const identity = identify(snapshot, region);
  if ('other' in identity) return `is none of ours any more: ${identity.other}`;
  // The run that made it may be about to make it again, and removes it then.
  if (nowMs - snapshot.startedMs < minAgeMs) return `is younger than ${formatDuration(minAgeMs)}`;
  const [hold] = holdsOf(snapshot, uses, nowMs);
  return hold === undefined ? undefined : `is ${hold}`;
}

function inBatches(snapshots: readonly OwnSnapshot[]): OwnSnapshot[][] {
  const count = Math.ceil(snapshots.length / BATCH);
  return Array.from({length: count}, (_, index) => snapshots.slice(index * BATCH, (index + 1) * BATCH));
}
