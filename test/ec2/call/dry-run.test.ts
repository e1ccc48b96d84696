import assert from 'node:assert/strict';
import {test} from 'node:test';
import {dryRunEc2} from '../../../src/ec2/call/dry-run.ts';
import type {Ec2} from '../../../src/ec2/client.ts';
import {RefusedError} from '../../../src/errors.ts';

function recorder(): {ec2: Ec2; called: string[]} {
  const called: string[] = [];
  const call = async (region: string, action: string) => {
    called.push(`${region} ${action}`);
    return {};
  };
  return {ec2: {call} as unknown as Ec2, called};
}

test('a dry run asks EC2 what it likes', async () => {
  const {ec2, called} = recorder();
  await dryRunEc2(ec2).call('eu-west-1', 'DescribeVolumes', {});
  assert.deepEqual(called, ['eu-west-1 DescribeVolumes']);
});

test('a dry run refuses the first call that would change something, and does not send it', async () => {
  const {ec2, called} = recorder();
  const call = dryRunEc2(ec2).call('eu-west-1', 'DeleteSnapshot', {SnapshotId: 'snap-0123456789abcdef0'});
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof RefusedError);
    assert.match(error.message, /DeleteSnapshot in eu-west-1/);
    return true;
  });
  assert.deepEqual(called, []);
});
