/** Carries out a plan: nothing but what it deletes, and of that only what is as it was when it was planned. */
import type {TrimPlan} from '../plan.ts';
import type {TrimmedSnapshot} from '../request.ts';
import {type Candidate, candidatesOf, rowOf} from '../rows.ts';
import {batchesOf} from './batches.ts';
import {type Deleting, deleteBatches, type RegionDeletes} from './delete-batches.ts';
import {lookAgain} from './look-again.ts';

/** Deletes what the plan says, as `deleteBatches` does. */
export async function applyPlan(deleting: Deleting<TrimmedSnapshot>, plan: TrimPlan): Promise<void> {
  const {run, ec2} = deleting;
  const look = {ec2, progress: run.progress, signal: run.signal};
  const regions = plan.regions.map(
    (one): RegionDeletes<Candidate, TrimmedSnapshot> => ({
      region: one.region,
      batches: batchesOf(candidatesOf({regions: [one]})),
      idOf: ({snapshot}) => snapshot.id,
      lookAgain: (batch) => lookAgain(look, one.region, batch, plan.settings.tag),
      recordOf: ({lineage, snapshot}) => ({
        task: 'trim_snapshots',
        volume: lineage.volume,
        why: snapshot.reasons.join('; '),
      }),
      rowOf: (candidate) => rowOf(candidate, plan, 'deleted'),
    }),
  );
  await deleteBatches(deleting, regions);
}
