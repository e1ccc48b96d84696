/** What is done around the requests of a call: never while anything is waited for. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Bucket} from '../../src/ec2/call/buckets.ts';
import {RateLimits} from '../../src/ec2/call/limits.ts';
import type {Around, Ec2} from '../../src/ec2/client.ts';
import type {Region} from '../../src/ec2/ids.ts';
import {tagResources} from '../../src/ec2/tag-resources.ts';
import {ec2Of, labFor, QUICK} from '../lab/lab-client.ts';

const region = 'eu-west-1' as Region;
const instances = {web: {volumes: {'/dev/xvda': 8}}};

async function openScene(t: TestContext, fleet: object, limits: Readonly<Record<string, Bucket>> = {}) {
  const {lab, ec2: sdk} = await labFor(t, {fleet: {...QUICK, regions: {[region]: {instances}}, ...fleet}});
  const events: string[] = [];
  const {clock} = lab;
  const sleep: typeof clock.sleep = (ms, signal) => {
    events.push('wait');
    return clock.sleep(ms, signal);
  };
  const waiting = {...clock, sleep};
  const ec2 = ec2Of(t, lab, {clock: waiting, limits: new RateLimits(waiting, limits)});
  const around: Around = async (send) => {
    events.push('begin');
    try {
      return await send();
    } finally {
      events.push('end');
    }
  };
  return {ec2, events, around, sdk};
}

async function createSnapshots(ec2: Ec2, around?: Around) {
  const {Reservations = []} = await ec2.call(region, 'DescribeInstances', {});
  const InstanceId = Reservations[0]?.Instances?.[0]?.InstanceId;
  return ec2.call(region, 'CreateSnapshots', {InstanceSpecification: {InstanceId}}, undefined, around);
}

describe('what is done around a call', () => {
  test('is over before a pause, and done anew for each attempt', async (t) => {
    const faults = [{action: 'CreateSnapshots', nth: [1, 2], kind: 'throttle'}];
    const {ec2, events, around} = await openScene(t, {faults});
    await createSnapshots(ec2, around);
    assert.match(events.join(' '), /^begin end (wait )+begin end (wait )+begin end$/);
  });

  test('begins when the token of its request is there, and not before', async (t) => {
    const {ec2, events, around} = await openScene(t, {}, {CreateSnapshots: {burst: 1, perSecond: 0.0005}});
    await createSnapshots(ec2);
    await createSnapshots(ec2, around);
    assert.match(events.join(' '), /^(wait )+begin end$/);
  });

  test('may fail by itself, which says nothing of EC2', async (t) => {
    const {ec2, sdk} = await openScene(t, {});
    const mistake = new TypeError('a mistake');
    await assert.rejects(
      createSnapshots(ec2, async () => Promise.reject(mistake)),
      (error) => error === mistake,
    );
    assert.deepEqual((await sdk.describeSnapshots({OwnerIds: ['self']})).Snapshots, []);
  });
});

describe('tags on what exists', () => {
  test('are set on what is so new that EC2 does not know it yet', async (t) => {
    const timing = {...QUICK.timing, eventual_consistency_seconds: 5};
    const {ec2, events, sdk} = await openScene(t, {timing, clock: {speed: 20}});
    const {Snapshots = []} = await createSnapshots(ec2);
    const ids = Snapshots.map(({SnapshotId = ''}) => SnapshotId);
    await tagResources(ec2, region, ids, {'ftask:consistency': 'frozen'});
    assert.ok(events.includes('wait'));
    const found = await sdk.describeSnapshots({SnapshotIds: ids});
    assert.deepEqual(found.Snapshots?.[0]?.Tags, [{Key: 'ftask:consistency', Value: 'frozen'}]);
  });

  test('of what does not exist are refused', async (t) => {
    const {ec2} = await openScene(t, {});
    await assert.rejects(tagResources(ec2, region, ['snap-00000000000000000'], {a: 'b'}), {
      code: 'InvalidSnapshot.NotFound',
    });
  });
});
