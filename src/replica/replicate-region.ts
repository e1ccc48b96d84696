/** Replicates what carries a tag from some regions into another one. */
import type {Region} from '../ec2/ids.ts';
import {FtaskError} from '../errors.ts';
import type {ItemFailure} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';
import {carryOut, closingText, type Replicated} from './carry-out.ts';
import {chosenBy, snapshotsIn} from './gather.ts';
import {type Plan, type PlanItem, planReplication} from './plan/plan.ts';
import type {Source} from './plan/source.ts';
import {leftOutTexts, planText} from './plan-text.ts';
import type {RegionRequest, ReplicatedSnapshot, ReplicationTools} from './request.ts';
import {rowOf} from './rows.ts';

export interface RegionOutcome extends Replicated {
  /** Snapshots that carry the tag. */
  readonly matched: number;
}

/** The newest of each volume; the rows tell of all, those first that were made. @throws Ec2Error when the destination cannot be listed */
export async function replicateRegion(
  tools: ReplicationTools,
  request: RegionRequest,
): Promise<RegionOutcome> {
  const {run, method} = tools;
  const {to, tag, dryRun} = request;
  const group = run.progress.group(to);
  try {
    group.say('looking for snapshots');
    const {plan, matched, failures} = await makePlan(tools, request);
    tellLeftOut(run, plan, to);
    const todo = plan.items.filter(({action}) => action !== 'present');
    const present = plan.items.filter(({action}) => action === 'present');
    const there = present.map((item) => rowOf(item, {to, method: method.name, state: 'present'}));
    group.say(planText(plan));
    const obstacle = await obstacleTo(tools, to, todo);
    if (obstacle) {
      group.close(`${todo.length} not replicated: ${obstacle.message}`);
      for (const {source} of todo) failures.push({item: source.id, where: to, error: obstacle});
      return {matched, failures, rows: there};
    }
    if (dryRun) {
      group.close(planText(plan));
      return {matched, failures, rows: [...todo.map((item) => planned(item, request, tools)), ...there]};
    }
    group.expect(todo.length);
    const done = await carryOut(tools, todo, {to, group, firmTags: [tag.name], force: false});
    group.close(closingText(done, present.length));
    return {matched, failures: [...failures, ...done.failures], rows: [...done.rows, ...there]};
  } finally {
    group.close();
  }
}

/** Why none of them can be made there. */
async function obstacleTo(
  {run, method}: ReplicationTools,
  to: Region,
  [first]: readonly PlanItem[],
): Promise<FtaskError | undefined> {
  try {
    if (first) await method.prepare(to, first.source);
    return undefined;
  } catch (error) {
    if (!(error instanceof FtaskError) || run.signal.aborted) throw error;
    return error;
  }
}

async function makePlan(
  {run, ec2, method}: ReplicationTools,
  {from, to, tag, nativeOnly}: RegionRequest,
): Promise<{readonly plan: Plan; readonly matched: number; readonly failures: ItemFailure[]}> {
  const look = {ec2, signal: run.signal};
  const failures: ItemFailure[] = [];
  const listings = from.map(async (region): Promise<Source[]> => {
    try {
      return chosenBy(await snapshotsIn(look, region), tag);
    } catch (error) {
      if (!(error instanceof FtaskError) || run.signal.aborted) throw error;
      failures.push({item: region, where: region, error});
      run.progress.warn(`${region}: ${error.message}`);
      return [];
    }
  });
  const [replicas, ...sources] = await Promise.all([snapshotsIn(look, to), ...listings]);
  const chosen = sources.flat();
  const options = {nativeOnly, exceptBornIn: to, nowMs: ec2.clock.now(), compares: method.compares};
  return {plan: planReplication(chosen, replicas ?? [], options), matched: chosen.length, failures};
}

/** What is of another region is left out by the thousand, and nobody asked for it. */
function tellLeftOut({skip, progress}: RunContext, {leftOut}: Plan, to: Region): void {
  const isUnasked = /^born /;
  const asked = leftOut.filter(({reason}) => !isUnasked.test(reason));
  for (const {source, reason} of asked) skip({item: source.id, where: to, reason});
  for (const text of leftOutTexts(asked)) progress.note(text);
}

function planned(item: PlanItem, {to}: RegionRequest, {method}: ReplicationTools): ReplicatedSnapshot {
  const state = item.action === 'adopt' ? 'would adopt' : 'would copy';
  return rowOf(item, {to, method: method.name, state});
}
