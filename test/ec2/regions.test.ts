/** Regions by name and by how they begin. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {describe, test} from 'node:test';
import type {Region} from '../../src/ec2/ids.ts';
import {chooseRegion, chooseRegions, matchRegions} from '../../src/ec2/regions.ts';
import {UsageError} from '../../src/errors.ts';
import {KNOWN_REGIONS} from '../../src/known-regions.ts';
import {ec2Of, FLEET, labFor} from '../lab/lab-client.ts';

const enabled = ['ap-south-1', 'ap-southeast-2', 'eu-central-1', 'eu-west-1', 'us-east-1'] as Region[];

describe('a choice of regions', () => {
  test('is all that begin with the text', () => {
    assert.deepEqual(matchRegions(enabled, ['eu']), ['eu-central-1', 'eu-west-1']);
  });

  test('is every enabled one when none is named', () => {
    assert.deepEqual(matchRegions(enabled, []), enabled);
  });

  test('takes an exact name before those that begin with it', () => {
    assert.deepEqual(matchRegions(['xx-a-1', 'xx-a-12'] as Region[], ['xx-a-1']), ['xx-a-1']);
  });

  test('holds each region once, however often it is matched', () => {
    assert.deepEqual(matchRegions(enabled, ['eu-west-1', 'eu', 'us']), [
      'eu-west-1',
      'eu-central-1',
      'us-east-1',
    ]);
  });

  for (const text of ['mars', 'eu-west-1x', '', 'West']) {
    test(`refuses "${text}", which matches none`, () => {
      assert.throws(() => matchRegions(enabled, [text]), UsageError);
    });
  }

  test('is refused when configuration names a region that is not enabled, unless another one is asked for', async (t) => {
    const {lab} = await labFor(t, {fleet: FLEET});
    const ec2 = ec2Of(t, lab);
    const allowed = ['eu-west-1', 'ap-southeast-4'];
    const refusal = {code: 'RegionNotEnabled', message: /aws\.regions names ap-southeast-4, /};
    await assert.rejects(chooseRegions(ec2, {allowed}), refusal);
    await assert.rejects(chooseRegions(ec2, {allowed, wanted: ['ap']}), refusal);
    assert.deepEqual(await chooseRegions(ec2, {allowed, wanted: ['eu']}), ['eu-west-1']);
    assert.equal(await chooseRegion(ec2, {allowed, wanted: ['eu']}), 'eu-west-1');
  });

  test('knows the regions that the SDK knows', () => {
    const partitions = readFileSync(
      new URL(
        '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js',
        import.meta.url,
      ),
      'utf8',
    );
    const names = [...partitions.matchAll(/"?([a-z]+(?:-[a-z]+)+-\d+)"?: ?\{/g)].map((match) => match[1]);
    assert.ok(names.length > 30);
    assert.deepEqual([...KNOWN_REGIONS].sort(), names.sort());
  });
});
