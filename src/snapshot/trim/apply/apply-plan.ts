/** Carries out a plan: all regions side by side, nothing but what the plan deletes. */
import type {Ec2} from '../../../ec2/client.ts';
import type {Journal} from '../../../journal/journal.ts';
import type {ItemFailure} from '../../../runner/outcome.ts';
import type {RunContext} from '../../../runner/task.ts';
import type {TrimPlan} from '../plan.ts';
import type {TrimmedSnapshot} from '../request.ts';
import {applyRegion} from './apply-region.ts';

export interface Applying {
  readonly run: RunContext;
  readonly ec2: Ec2;
  readonly journal: Journal;
  readonly plan: TrimPlan;
  /** What was deleted so far. */
  readonly rows: TrimmedSnapshot[];
  readonly failures: ItemFailure[];
}

/**
 * Deletes what the plan says; one that fails stops none. May be called again after a kill: what is gone counts as
 * deleted. After Ctrl-C it starts nothing more, and returns when what was under way has ended.
 */
export async function applyPlan(applying: Applying): Promise<void> {
  const {regions} = applying.plan;
  const ended = await Promise.allSettled(regions.map((plan) => applyRegion(applying, plan)));
  if (applying.run.signal.aborted) return;
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
