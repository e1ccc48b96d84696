/** CreateSnapshot and CreateSnapshots are as strict as EC2. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {EC2} from '@aws-sdk/client-ec2';
import {code, FLEET, labFor} from './lab-client.ts';

async function web(ec2: EC2) {
  const {Reservations} = await ec2.describeInstances({Filters: [{Name: 'tag:Role', Values: ['web']}]});
  const instance = Reservations?.[0]?.Instances?.[0];
  const [root, data] = instance?.BlockDeviceMappings?.map(({Ebs}) => Ebs?.VolumeId) ?? [];
  assert.ok(instance?.InstanceId && root && data);
  return {id: instance.InstanceId, root, data};
}

describe('the lab', () => {
  test('makes one set of all volumes with one start time and the tags of the call', async (t) => {
    const {ec2} = await labFor(t);
    const {id, root, data} = await web(ec2);
    const {Snapshots = []} = await ec2.createSnapshots({
      InstanceSpecification: {InstanceId: id},
      TagSpecifications: [{ResourceType: 'snapshot', Tags: [{Key: 'k', Value: '<&"é'}]}],
    });
    assert.deepEqual(
      Snapshots.map(({VolumeId}) => VolumeId),
      [root, data],
    );
    assert.deepEqual(
      Snapshots.map(({State, Progress}) => [State, Progress]),
      [
        ['pending', ''],
        ['pending', ''],
      ],
    );
    assert.equal(new Set(Snapshots.map(({StartTime}) => StartTime?.getTime())).size, 1);
    assert.deepEqual(Snapshots[0]?.Tags, [{Key: 'k', Value: '<&"é'}]);
  });

  test('completes a snapshot in its own time', async (t) => {
    const {ec2, lab} = await labFor(t);
    const {root} = await web(ec2);
    await ec2.createSnapshot({VolumeId: root});
    await lab.clock.sleep(5000);
    const {Snapshots = []} = await ec2.describeSnapshots({OwnerIds: ['self']});
    assert.deepEqual(
      Snapshots.map(({State, Progress}) => [State, Progress]),
      [['completed', '100%']],
    );
  });

  test('leaves out what is excluded and refuses to exclude the root volume by id', async (t) => {
    const {ec2} = await labFor(t);
    const {id, root, data} = await web(ec2);
    const create = (specification: object) =>
      ec2.createSnapshots({InstanceSpecification: {InstanceId: id, ...specification}});
    const {Snapshots} = await create({ExcludeBootVolume: true});
    assert.deepEqual(
      Snapshots?.map(({VolumeId}) => VolumeId),
      [data],
    );
    await assert.rejects(create({ExcludeDataVolumeIds: [root]}), code('InvalidParameterValue'));
    await assert.rejects(
      create({ExcludeBootVolume: true, ExcludeDataVolumeIds: [data]}),
      code('InvalidParameterValue'),
    );
  });

  test('copies the tags of volumes and refuses a key that is in both', async (t) => {
    const {ec2} = await labFor(t);
    const {id} = await web(ec2);
    const create = (Key: string) =>
      ec2.createSnapshots({
        InstanceSpecification: {InstanceId: id, ExcludeBootVolume: true},
        CopyTagsFromSource: 'volume',
        TagSpecifications: [{ResourceType: 'snapshot', Tags: [{Key, Value: 'x'}]}],
      });
    const {Snapshots} = await create('Other');
    assert.deepEqual(
      Snapshots?.[0]?.Tags?.map(({Key}) => Key),
      ['Mount', 'Other'],
    );
    await assert.rejects(create('Mount'), code('InvalidParameterValue'));
  });

  test('refuses a second snapshot of a volume within 15 seconds and a sixth that is pending', async (t) => {
    const slow = {clock: {speed: 1}, timing: {...FLEET.timing, snapshot_seconds: [600, 600]}};
    const close = await labFor(t, {fleet: {...FLEET, ...slow, quotas: {}}});
    const near = await web(close.ec2);
    await close.ec2.createSnapshot({VolumeId: near.root});
    await assert.rejects(
      close.ec2.createSnapshot({VolumeId: near.root}),
      code('SnapshotCreationPerVolumeRateExceeded'),
    );
    const many = await labFor(t, {fleet: {...FLEET, ...slow}});
    const {root, id} = await web(many.ec2);
    for (let made = 0; made < 5; made++) await many.ec2.createSnapshot({VolumeId: root});
    await assert.rejects(many.ec2.createSnapshot({VolumeId: root}), code('ConcurrentSnapshotLimitExceeded'));
    await assert.rejects(
      many.ec2.createSnapshots({InstanceSpecification: {InstanceId: id}}),
      code('ConcurrentSnapshotLimitExceeded'),
    );
    const {Snapshots} = await many.ec2.describeSnapshots({OwnerIds: ['self']});
    assert.equal(Snapshots?.length, 5, 'a refused set makes no snapshot at all');
  });

  test('refuses tags that EC2 does not take', async (t) => {
    const {ec2} = await labFor(t);
    const {root} = await web(ec2);
    const create = (Tags: {Key: string; Value: string}[], ResourceType: 'snapshot' | 'volume' = 'snapshot') =>
      ec2.createSnapshot({VolumeId: root, TagSpecifications: [{ResourceType, Tags}]});
    const many = Array.from({length: 51}, (_, index) => ({Key: `k${index}`, Value: ''}));
    await assert.rejects(create(many), code('TagLimitExceeded'));
    for (const tags of [
      [{Key: 'aws:x', Value: ''}],
      [{Key: '', Value: ''}],
      [{Key: 'k'.repeat(129), Value: ''}],
      [{Key: 'k', Value: 'v'.repeat(257)}],
      [
        {Key: 'k', Value: '1'},
        {Key: 'k', Value: '2'},
      ],
    ]) {
      await assert.rejects(create(tags), code('InvalidParameterValue'));
    }
    await assert.rejects(create([{Key: 'k', Value: ''}], 'volume'), code('InvalidParameterValue'));
    await assert.rejects(
      ec2.createSnapshot({VolumeId: root, Description: 'd'.repeat(256)}),
      code('InvalidParameterValue'),
    );
    await create(many.slice(1));
  });

  test('says that a dry run would have succeeded and makes nothing', async (t) => {
    const {ec2} = await labFor(t);
    const {root} = await web(ec2);
    await assert.rejects(ec2.createSnapshot({VolumeId: root, DryRun: true}), {
      name: 'DryRunOperation',
      $metadata: {
        httpStatusCode: 412,
        requestId: undefined,
        extendedRequestId: undefined,
        cfId: undefined,
        attempts: 1,
        totalRetryDelay: 0,
      },
    });
    const {Snapshots} = await ec2.describeSnapshots({OwnerIds: ['self']});
    assert.deepEqual(Snapshots, []);
  });

  test('refuses an instance that is gone and one without volumes', async (t) => {
    const {ec2} = await labFor(t);
    const idOf = async (name: string) => {
      const {Reservations} = await ec2.describeInstances({Filters: [{Name: 'tag:Name', Values: [name]}]});
      return Reservations?.[0]?.Instances?.[0]?.InstanceId;
    };
    const create = async (name: string) =>
      ec2.createSnapshots({InstanceSpecification: {InstanceId: await idOf(name)}});
    await assert.rejects(create('gone'), code('IncorrectState'));
    await assert.rejects(create('bare'), code('InvalidParameterValue'));
  });
});
