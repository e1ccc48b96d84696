/** A copy that is there and is none. */
import type {OwnSnapshot} from '../../ec2/snapshots/own-snapshots.ts';
import {FtaskError} from '../../errors.ts';

export class CopyFailed extends FtaskError {
  readonly copy: OwnSnapshot;
  /** What is wrong with it, in words. */
  readonly why: string;

  constructor(copy: OwnSnapshot, why: string, hint?: string) {
    super('CopyFailed', `${copy.id} ${why}`, {hint});
    this.copy = copy;
    this.why = why;
  }

  /** Whether another one may end better: not with the same key, and not when its blocks were found to differ. */
  get isWorthARetry(): boolean {
    return this.copy.state === 'error' && !/\bkey\b/i.test(this.copy.stateMessage ?? '');
  }
}
