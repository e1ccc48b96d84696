/** What it takes to look at AWS. */
import type {Ec2} from '../../../ec2/client.ts';
import type {Progress} from '../../../runner/progress.ts';

export interface Look {
  readonly ec2: Ec2;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}
