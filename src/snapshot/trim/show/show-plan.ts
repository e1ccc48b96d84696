/** Shows a plan to people, before anything of it is done. */
import type {Progress} from '../../../runner/progress.ts';
import type {TrimPlan} from '../plan.ts';
import type {Judged} from '../rows.ts';
import {explainLines} from './explanation.ts';
import {policyLines} from './policies.ts';
import {heldLines, summaryLines} from './summary.ts';
import {timelineLines} from './timeline.ts';

/** Timelines for who looks on, or asked for nothing else than to see the plan, and what it comes to for all. */
export function showPlan(progress: Progress, plan: TrimPlan, {dryRun}: {readonly dryRun: boolean}): void {
  for (const line of heldLines(plan)) progress.debug(line);
  progress.show((canvas) => [
    ...(canvas.isTerminal || dryRun ? timelineLines(plan, canvas) : []),
    ...summaryLines(plan, canvas.columns),
    ...policyLines(plan),
  ]);
}

/** Shows what a plan says of one snapshot. */
export function showExplanation(progress: Progress, plan: TrimPlan, judged: Judged): void {
  progress.show((canvas) => explainLines(judged, plan, canvas));
}
