/** A host that another one cannot be let in at. */
import {FtaskError} from '../../../errors.ts';
import type {Host} from '../../../host/host.ts';

export function noDirectWay({name}: Host, why: string): FtaskError {
  return new FtaskError('NoDirectWay', `${name}: no other host can be let in: ${why}`, {
    hint: 'Let the data go through ftask: --through-controller.',
  });
}
