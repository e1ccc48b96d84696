/** Whether a key is fit to encrypt with is known before anything is copied. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Region} from '../../src/ec2/ids.ts';
import {checkKey} from '../../src/ec2/kms-key.ts';
import {ec2Of, FLEET, labFor} from '../lab/lab-client.ts';

const region = 'us-east-1' as Region;
const ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const FAR_ARN = ARN.replace('us-east-1', 'eu-west-1');

async function openScene(t: TestContext, faults: readonly object[] = []) {
  const kms_keys = [
    ARN,
    FAR_ARN,
    {name: 'alias/old', state: 'Disabled'},
    {name: 'alias/rsa', symmetric: false},
  ];
  const {lab} = await labFor(t, {fleet: {...FLEET, kms_keys, faults}});
  return ec2Of(t, lab);
}

describe('a key', () => {
  test('that can be used is told by its ARN', async (t) => {
    assert.deepEqual(await checkKey(await openScene(t), region, ARN), {arn: ARN});
  });

  for (const [name, why] of [
    ['alias/nobody', 'does not exist'],
    ['nonsense', 'does not exist'],
    ['arn:nonsense', 'does not exist'],
    [FAR_ARN, 'is one of eu-west-1'],
    ['alias/old', 'is Disabled'],
    ['alias/rsa', 'is of the kind RSA_2048: EBS encrypts with symmetric keys only'],
  ] as const) {
    test(`is refused when it ${why}: ${name}`, async (t) => {
      await assert.rejects(checkKey(await openScene(t), region, name), {
        name: 'RefusedError',
        code: 'UnusableKey',
        message: `us-east-1: the KMS key ${name} ${why}`,
      });
    });
  }

  test('that we may not look at is neither good nor bad', async (t) => {
    const ec2 = await openScene(t, [{action: 'DescribeKey', kind: 'error', code: 'AccessDeniedException'}]);
    const check = await checkKey(ec2, region, ARN);
    assert.ok('unknown' in check);
    assert.equal(check.unknown.message, 'not permitted: kms:DescribeKey in us-east-1');
  });

  test('is asked for again when KMS throttles, fails or loses its answer', async (t) => {
    const ec2 = await openScene(t, [
      {action: 'DescribeKey', nth: 1, kind: 'throttle'},
      {action: 'DescribeKey', nth: 2, kind: 'lost-answer'},
      {action: 'DescribeKey', nth: 3, kind: 'error', code: 'InternalError', status: 500},
    ]);
    assert.deepEqual(await checkKey(ec2, region, ARN), {arn: ARN});
  });
});
