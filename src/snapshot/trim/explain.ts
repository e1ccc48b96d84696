/** Why one snapshot is kept, or would be deleted. */
import type {SnapshotId} from '../../ec2/ids.ts';
import {FtaskError} from '../../errors.ts';
import {type ItemFailure, SomeFailed} from '../../runner/outcome.ts';
import {makePlan} from './make/make-plan.ts';
import type {TrimPlan} from './plan.ts';
import type {TrimmedSnapshot, TrimRequest} from './request.ts';
import {type Judged, rowOf} from './rows.ts';
import {showExplanation} from './show/show-plan.ts';
import type {TrimTools} from './trim.ts';

/** Plans, shows what the plan says of this one, and returns it; changes nothing. @throws FtaskError when it is not there */
export async function explainSnapshot(
  {run, ec2}: Pick<TrimTools, 'run' | 'ec2'>,
  request: TrimRequest,
  id: SnapshotId,
): Promise<TrimmedSnapshot> {
  const {plan, failures} = await makePlan({ec2, progress: run.progress, signal: run.signal}, request);
  const judged = judgedIn(plan, id);
  if (judged === undefined) throw missing(plan, failures, id);
  showExplanation(run.progress, plan, judged);
  return rowOf(judged, plan, judged.snapshot.verdict === 'keep' ? 'kept' : 'would delete');
}

function judgedIn(plan: TrimPlan, id: SnapshotId): Judged | undefined {
  for (const {region, lineages, others} of plan.regions) {
    for (const lineage of lineages) {
      const snapshot = lineage.snapshots.find((one) => one.id === id);
      if (snapshot) return {region, lineage, snapshot};
    }
    const other = others.find((one) => one.id === id);
    if (other) throw new FtaskError('NotOurs', `${id} in ${region} is never judged: ${other.reason}`);
  }
  return undefined;
}

/** It may be where nobody could look. */
function missing({regions}: TrimPlan, failures: readonly ItemFailure[], id: SnapshotId): FtaskError {
  const listed = regions.map(({region}) => region).join(', ');
  const message = `no snapshot ${id} in ${listed || 'any region that could be listed'}`;
  if (failures.length > 0) return new SomeFailed(message, [], failures);
  return new FtaskError('NoSuchSnapshot', message, {hint: 'Check its id, --region and the account.'});
}
