/** Why one snapshot is kept, or would be deleted. */
import type {SnapshotId} from '../../ec2/ids.ts';
import {FtaskError} from '../../errors.ts';
import {makePlan} from './make/make-plan.ts';
import type {TrimPlan} from './plan.ts';
import type {TrimmedSnapshot, TrimRequest} from './request.ts';
import {rowOf} from './rows.ts';
import type {TrimTools} from './trim.ts';

/** Plans, shows the plan and returns what it says of this one; changes nothing. @throws FtaskError when it is not there */
export async function explainSnapshot(
  {run, ec2, show}: TrimTools,
  request: TrimRequest,
  id: SnapshotId,
): Promise<TrimmedSnapshot> {
  const {plan} = await makePlan({ec2, progress: run.progress, signal: run.signal}, request);
  const row = rowIn(plan, id);
  show(plan);
  return row;
}

function rowIn(plan: TrimPlan, id: SnapshotId): TrimmedSnapshot {
  for (const {region, lineages, others} of plan.regions) {
    for (const lineage of lineages) {
      const snapshot = lineage.snapshots.find((one) => one.id === id);
      if (!snapshot) continue;
      return rowOf({region, lineage, snapshot}, plan, snapshot.verdict === 'keep' ? 'kept' : 'would delete');
    }
    const other = others.find((one) => one.id === id);
    if (other) throw new FtaskError('NotOurs', `${id} in ${region} is never judged: ${other.reason}`);
  }
  const where = plan.regions.map(({region}) => region).join(', ');
  throw new FtaskError('NoSuchSnapshot', `no snapshot ${id} in ${where}`, {
    hint: 'Check its id, --region and the account.',
  });
}
