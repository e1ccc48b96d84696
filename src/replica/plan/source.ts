/** Snapshots as replication sees them: one that may be replicated, one that may be its replica, and what they are of. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {NO_VOLUME} from '../../ec2/snapshots/origin.ts';
import type {OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';

/** A snapshot in the region that is replicated from. */
export interface Source extends OwnSnapshot {
  readonly region: Region;
}

/** A snapshot in the region that is replicated to; not every one there is a replica. */
export type Replica = Source;

/** What all snapshots of one volume share, wherever they are. */
export interface Lineage {
  readonly volume: string;
  /** The region that the volume is in, or was. */
  readonly bornIn: Region;
}

/** What a replica has for a base: the newest completed one of the same volume. */
export interface Base {
  readonly id: SnapshotId;
  readonly sizeGiB: number;
  readonly timeMs: number;
}

/** Of which volume it is; undefined of a copy that does not tell it, which then is of any. */
export function lineageOf({origin, isCopy, region}: Source): Lineage | undefined {
  const bornIn = origin.region ?? (isCopy ? undefined : region);
  const {volume} = origin;
  if (bornIn === undefined || volume === '' || volume === NO_VOLUME) return undefined;
  return {volume, bornIn: bornIn as Region};
}

/** The same text for the same lineage, and no other's. */
export function lineageKey({volume, bornIn}: Lineage): string {
  return `${bornIn} ${volume}`;
}

/** On a copy whose blocks are to be compared: `pending` from the creating call on, then how many were. */
export const VERIFY_TAG = 'ftask:verify';

/** Whether a comparison that was asked for has not been made. */
export function isUncompared({tags}: Pick<Source, 'tags'>): boolean {
  return tags[VERIFY_TAG] === 'pending';
}

/** The order of their ids, which is the same everywhere. */
export function byId(a: {readonly id: string}, b: {readonly id: string}): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
