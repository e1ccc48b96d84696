/** What can go wrong with a freeze. */
import {FtaskError, type FtaskErrorOptions} from '../../errors.ts';

/**
 * Nothing is proved to have been frozen. `FsfreezeMissing` and `NotArmed`: nothing was frozen; `FreezeEnded`: it was over
 * before all was frozen; `FreezeUntold`: the host did not tell, but thaws by itself; `StillFrozen`: it cannot thaw.
 */
export class FreezeFailed extends FtaskError {
  constructor(code: FreezeFailure, message: string, options?: FtaskErrorOptions) {
    super(code, message, options);
  }
}

export type FreezeFailure = 'FsfreezeMissing' | 'NotArmed' | 'FreezeEnded' | 'FreezeUntold' | 'StillFrozen';
