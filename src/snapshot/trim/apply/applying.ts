/** A plan that is being carried out, and what became of it so far. */
import type {Ec2} from '../../../ec2/client.ts';
import type {Journal} from '../../../journal/journal.ts';
import type {ItemFailure} from '../../../runner/outcome.ts';
import type {RunContext} from '../../../runner/task.ts';
import type {TrimPlan} from '../plan.ts';
import type {TrimmedSnapshot} from '../request.ts';

export interface Applying {
  readonly run: RunContext;
  readonly ec2: Ec2;
  readonly journal: Journal;
  readonly plan: TrimPlan;
  /** What was deleted so far. */
  readonly rows: TrimmedSnapshot[];
  readonly failures: ItemFailure[];
}
