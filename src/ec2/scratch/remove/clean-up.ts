/** Removes what killed runs have left in some regions. */
import {FtaskError} from '../../../errors.ts';
import type {Ec2} from '../../client.ts';
import type {Region} from '../../ids.ts';
import {type TaggedThing, type Thing, type ThingKind, temporaryThings} from '../things.ts';
import {judgeThings} from './leftovers.ts';
import {removeThings} from './remove-things.ts';

/** One thing that was left, as it is told. */
export interface Leftover {
  readonly id: string;
  readonly kind: ThingKind;
  readonly region: Region;
  /** The run that made it. */
  readonly run: string;
  /** When it expired. */
  readonly expired: string;
  readonly state: 'left' | 'removed';
  /** What was unusual about its removal. */
  readonly note?: string;
}

export interface CleanUp {
  readonly region: Region;
  /** What was removed, or would be. */
  readonly leftovers: readonly Leftover[];
  readonly failures: readonly {readonly leftover: Leftover; readonly error: FtaskError}[];
  readonly stays: readonly {readonly thing: TaggedThing; readonly reason: string}[];
}

/**
 * Removes everything temporary in a region that has expired, and nothing else; in a dry run it only tells. One thing
 * that fails stops none of the others. @throws Ec2Error when the region cannot be listed; the signal's reason
 */
export async function cleanUp(
  ec2: Ec2,
  region: Region,
  {dryRun, signal, onRemoved}: CleanUpOptions,
): Promise<CleanUp> {
  const place = {ec2, region, signal};
  const verdicts = judgeThings(await temporaryThings(place), ec2.clock.now());
  const left = verdicts.filter(({staysBecause}) => staysBecause === undefined).map(({thing}) => thing);
  const stays = verdicts.flatMap(({thing, staysBecause: reason}) =>
    reason === undefined ? [] : [{thing, reason}],
  );
  const rows = new Map(left.map((thing) => [thing.id, leftoverOf(thing, region)]));
  if (dryRun) return {region, leftovers: [...rows.values()], failures: [], stays};

  const removed: Leftover[] = [];
  const failures: {leftover: Leftover; error: FtaskError}[] = [];
  const rowOf = ({id}: Thing): Leftover => rows.get(id) as Leftover;
  await removeThings(place, left, {
    removed: (thing, note) => {
      const row: Leftover = {...rowOf(thing), state: 'removed', ...(note !== undefined && {note})};
      removed.push(row);
      onRemoved(row);
    },
    failed: (thing, error) => {
      if (!(error instanceof FtaskError)) throw error;
      failures.push({leftover: rowOf(thing), error});
    },
  });
  signal.throwIfAborted();
  return {region, leftovers: removed, failures, stays};
}

export interface CleanUpOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onRemoved: (leftover: Leftover) => void;
}

function leftoverOf({id, kind, run, expiresMs}: TaggedThing, region: Region): Leftover {
  return {id, kind, region, run, expired: new Date(expiresMs).toISOString(), state: 'left'};
}
