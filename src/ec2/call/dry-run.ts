/** EC2 in a dry run: what reads is asked, what changes is refused. */
import {RefusedError} from '../../errors.ts';
import type {Ec2} from '../client.ts';

const READS = /^(Describe|Get|List|Search)/;

/**
 * The same EC2 without a way to change anything, for tasks that know of no dry run themselves.
 * @throws RefusedError from `call` where the task would have changed something
 */
export function dryRunEc2(ec2: Ec2): Ec2 {
  return {
    ...ec2,
    call: async (region, action, input, signal) => {
      if (READS.test(action)) return ec2.call(region, action, input, signal);
      throw new RefusedError('DryRun', `dry run: the task would call ${action} in ${region} now`, {
        hint: 'it cannot go on without the answer; nothing was changed by this call',
      });
    },
  };
}
