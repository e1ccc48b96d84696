/** Thins out snapshots back in time: plans, shows the plan, carries it out. */
import type {Ec2} from '../../ec2/client.ts';
import {SomeFailed} from '../../runner/outcome.ts';
import type {RunContext} from '../../runner/task.ts';
import {makePlan} from './make-plan.ts';
import type {TrimmedSnapshot, TrimRequest} from './request.ts';
import {candidatesOf, rowOf} from './rows.ts';

/** Deletes what the policy does not keep. */
export async function trimSnapshots(
  run: RunContext,
  ec2: Ec2,
  request: TrimRequest,
): Promise<readonly TrimmedSnapshot[]> {
  const {plan, failures} = await makePlan({ec2, progress: run.progress, signal: run.signal}, request);
  const rows = candidatesOf(plan).map((candidate) => rowOf(candidate, plan, 'would delete'));
  if (failures.length === 0) return rows;
  throw new SomeFailed(`${failures.length} failed`, rows, failures);
}
