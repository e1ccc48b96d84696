/** A plan of several regions, some of which fail. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {clockIsWrong} from '../../../../src/ec2/call/classify.ts';
import type {Ec2} from '../../../../src/ec2/client.ts';
import {ClockError, CredentialsError} from '../../../../src/ec2/errors.ts';
import type {Region} from '../../../../src/ec2/ids.ts';
import {makePlan} from '../../../../src/snapshot/trim/make/make-plan.ts';
import {ec2Of, labFor} from '../../../lab/lab-client.ts';
import {bareContext} from '../../../runner/run-context.ts';
import {EU, SETTINGS} from '../planned.ts';

const US = 'us-east-1' as Region;
const SITE = {action: 'DescribeImages', region: US};

async function planWhere(t: TestContext, error: Error) {
  const {lab} = await labFor(t);
  const ec2 = ec2Of(t, lab);
  const failing: Ec2 = {
    ...ec2,
    call: async (region, action, ...rest) => {
      if (region === US && action === 'DescribeImages') throw error;
      return ec2.call(region, action, ...rest);
    },
  };
  const {progress, signal} = bareContext();
  const request = {regions: [EU, US], copyRegions: [EU, US], settings: SETTINGS, dryRun: true};
  return makePlan({ec2: failing, progress, signal}, request);
}

describe('a plan', () => {
  test('is of the regions that can be listed, and tells of the others', async (t) => {
    const error = new CredentialsError('AuthFailure', 'AWS does not accept the credentials', SITE);
    const {plan, failures} = await planWhere(t, error);
    assert.deepEqual(
      plan.regions.map(({region}) => region),
      [EU],
    );
    assert.deepEqual(failures, [{item: US, error}]);
  });

  test('is not made at all where a clock is wrong', async (t) => {
    await assert.rejects(planWhere(t, clockIsWrong(SITE, {skewMs: 600_000})), ClockError);
  });
});
