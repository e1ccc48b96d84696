/** Thins out snapshots back in time: plans, shows the plan, carries it out. */
import type {Ec2} from '../../ec2/client.ts';
import {RefusedError} from '../../errors.ts';
import type {Journal} from '../../journal/journal.ts';
import {RefusedPlan, SomeFailed, unlessFailed} from '../../runner/outcome.ts';
import type {RunContext} from '../../runner/task.ts';
import {agree} from './agree.ts';
import {applyPlan} from './apply/apply-plan.ts';
import {tellRecycleBin} from './apply/tell-recycle-bin.ts';
import {guard} from './guards.ts';
import {makePlan} from './make/make-plan.ts';
import type {TrimPlan} from './plan.ts';
import {writePlan} from './plan-file/write.ts';
import type {TrimmedSnapshot, TrimRequest} from './request.ts';
import {candidatesOf, rowOf} from './rows.ts';
import {showPlan} from './show/show-plan.ts';

/** What a trim works with. */
export interface TrimTools {
  readonly run: RunContext;
  readonly ec2: Ec2;
  /** @throws RefusedError when it cannot be written */
  readonly journal: () => Promise<Journal>;
}

/**
 * Deletes what the policies do not keep, or tells what it would delete. Each delete is looked at again just before it
 * is made, and one that fails stops none.
 * @throws RefusedError when a guard says no; nothing was deleted then
 * @throws SomeFailed with everything that was deleted, when a snapshot, a region or a policy failed
 */
export async function trimSnapshots(
  tools: TrimTools,
  request: TrimRequest,
): Promise<readonly TrimmedSnapshot[]> {
  const {run, ec2} = tools;
  const look = {ec2, progress: run.progress, signal: run.signal};
  const made = await makePlan(look, request);
  const failures = [...made.failures];
  const plan = request.agreedOn ? agreedPlan(run, request.agreedOn, made.plan) : made.plan;
  showPlan(run.progress, plan, {dryRun: request.dryRun});
  if (request.planFile !== undefined) {
    await writePlan(request.planFile, plan);
    run.progress.note(`the plan is in ${request.planFile}; --apply carries it out within a day`);
  }
  if (request.dryRun) return unlessFailed(dryRows(plan), failures);
  guard(plan);
  const rows: TrimmedSnapshot[] = [];
  await applyPlan({run, ec2, journal: await tools.journal(), rows, failures}, plan);
  if (run.signal.aborted) throw new SomeFailed('interrupted; what was deleted is gone', rows, failures);
  await tellRecycleBin(look, rows);
  return unlessFailed(rows, failures);
}

/** @throws RefusedPlan with them where a guard would say no */
function dryRows(plan: TrimPlan): TrimmedSnapshot[] {
  const rows = candidatesOf(plan).map((candidate) => rowOf(candidate, plan, 'would delete'));
  try {
    guard(plan);
    return rows;
  } catch (error) {
    throw error instanceof RefusedError ? new RefusedPlan(error, rows) : error;
  }
}

/** What of an earlier plan still holds; the rest is told. */
function agreedPlan(run: RunContext, earlier: TrimPlan, now: TrimPlan): TrimPlan {
  const {plan, stays, gone} = agree(earlier, now);
  for (const {id, region, reason} of stays) run.skip({item: id, where: region, reason});
  if (gone > 0) run.progress.note(`${gone} of the plan ${gone === 1 ? 'is' : 'are'} gone already`);
  return plan;
}
