/** Carries out a plan: all regions side by side, nothing but what the plan deletes. */

import {applyRegion} from './apply-region.ts';
import type {Applying} from './applying.ts';

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
