/** The refusal to replicate what somebody else replicates already. Pure. */

import type {Region} from '../../ec2/ids.ts';
import {RefusedError} from '../../errors.ts';
import {timeText} from '../../words.ts';
import type {Lineage} from '../plan/source.ts';
import type {Holder} from './lock-tags.ts';

/** Where it is found, and when. */
export interface Finding {
  readonly region: Region;
  readonly holder: Holder;
  readonly nowMs: number;
}

/** Names who holds the lock of a volume, and when they gave the last sign of life. */
export function replicating({volume, bornIn}: Lineage, {region, holder, nowMs}: Finding): RefusedError {
  const {facts, name, id} = holder;
  const what = `${region}: ${volume} of ${bornIn}`;
  if (facts === undefined) {
    return new RefusedError(
      'Replicating',
      `${what} is locked by the key pair ${name} (${id}) of an unknown owner`,
      {
        hint: `If nothing uses it: aws ec2 delete-key-pair --region ${region} --key-pair-id ${id}`,
      },
    );
  }
  const {owner, run, sinceMs, aliveMs, expiresMs} = facts;
  const ago = Math.max(0, Math.round((nowMs - aliveMs) / 1000));
  return new RefusedError(
    'Replicating',
    `${what} is being replicated by run ${run} (${owner.name}, since ${timeText(sinceMs)}), alive ${ago} s ago`,
    {hint: `Wait for it. If it is gone for sure, this can be run after ${timeText(expiresMs)}.`},
  );
}
