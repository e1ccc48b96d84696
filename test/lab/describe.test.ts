/** Describe actions page, filter and hide as EC2 does. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {code, FLEET, labFor, QUICK} from './lab-client.ts';

const MANY = {
  ...QUICK,
  regions: {'eu-west-1': {}, 'eu-central-1': {}},
  generate: [
    {instances: 50, volumes: 2, regions: ['eu-west-1', 'eu-central-1'], tags: {Earmarking: 'production'}},
  ],
};

describe('the lab', () => {
  test('pages through instances and volumes and shows each once', async (t) => {
    const {ec2} = await labFor(t, {fleet: MANY});
    const instances: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await ec2.describeInstances({MaxResults: 7, ...(token && {NextToken: token})});
      instances.push(
        ...(page.Reservations ?? []).flatMap(({Instances = []}) => Instances.map((i) => i.InstanceId)),
      );
      token = page.NextToken;
    } while (token);
    assert.equal(instances.length, 25);
    assert.equal(new Set(instances).size, 25);
    const {Volumes, NextToken} = await ec2.describeVolumes({MaxResults: 1000});
    assert.equal(Volumes?.length, 50);
    assert.equal(NextToken, undefined);
  });

  test('refuses pages of ids, pages of wrong size and tokens of another question', async (t) => {
    const {ec2} = await labFor(t, {fleet: MANY});
    const first = await ec2.describeInstances({MaxResults: 5});
    const id = first.Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
    await assert.rejects(
      ec2.describeInstances({InstanceIds: [id], MaxResults: 5}),
      code('InvalidParameterCombination'),
    );
    await assert.rejects(ec2.describeInstances({MaxResults: 4}), code('InvalidParameterValue'));
    await assert.rejects(ec2.describeInstances({MaxResults: 1001}), code('InvalidParameterValue'));
    await assert.rejects(
      ec2.describeVolumes({MaxResults: 5, NextToken: first.NextToken}),
      code('InvalidParameterValue'),
    );
    await assert.rejects(ec2.describeVolumes({NextToken: 'rubbish'}), code('InvalidParameterValue'));
  });

  test('filters with wildcards and refuses filters that it does not know', async (t) => {
    const {ec2} = await labFor(t);
    const count = async (Name: string, Values: string[]) => {
      const {Volumes} = await ec2.describeVolumes({Filters: [{Name, Values}]});
      return Volumes?.length;
    };
    assert.equal(await count('tag:Mount', ['/s?v']), 1);
    assert.equal(await count('tag:Mount', ['/s\\?v']), 0);
    assert.equal(await count('tag-key', ['M*t']), 1);
    assert.equal(await count('size', ['8', '20']), 2);
    assert.equal(await count('tag:Mount', ['/SRV']), 0);
    await assert.rejects(count('bogus', ['x']), code('InvalidParameterValue'));
    await assert.rejects(count('size', Array(201).fill('1')), code('FilterLimitExceeded'));
  });

  test('shows public snapshots of others, and only its own to who asks for self', async (t) => {
    const {ec2} = await labFor(t);
    const all = await ec2.describeSnapshots({});
    const own = await ec2.describeSnapshots({OwnerIds: ['self']});
    const open = await ec2.describeSnapshots({RestorableByUserIds: ['all']});
    assert.equal(all.Snapshots?.length, 2);
    assert.deepEqual(own.Snapshots, []);
    assert.equal(open.Snapshots?.length, 2);
    const foreign = all.Snapshots?.[0]?.SnapshotId;
    await assert.rejects(ec2.deleteSnapshot({SnapshotId: foreign}), code('AuthFailure'));
  });

  test('finds snapshots by a filter of ids, page by page in one order', async (t) => {
    const history = [{every: {'1d': '10d'}}];
    const {ec2} = await labFor(t, {fleet: {...FLEET, history}});
    const {Snapshots: all = []} = await ec2.describeSnapshots({OwnerIds: ['self']});
    const ids = all.map(({SnapshotId = ''}) => SnapshotId);
    const Filters = [{Name: 'snapshot-id', Values: [...ids.slice(0, 8), 'snap-00000000000000000'].reverse()}];
    const first = await ec2.describeSnapshots({Filters, MaxResults: 5});
    const second = await ec2.describeSnapshots({Filters, MaxResults: 5, NextToken: first.NextToken});
    const found = [...(first.Snapshots ?? []), ...(second.Snapshots ?? [])];
    assert.deepEqual(
      found.map(({SnapshotId}) => SnapshotId),
      ids.slice(0, 8),
    );
    const wild = [{Name: 'snapshot-id', Values: ['snap-*']}];
    const {Snapshots} = await ec2.describeSnapshots({OwnerIds: ['self'], Filters: wild});
    assert.deepEqual(Snapshots, all);
  });

  test('tells malformed ids from ids that name nothing', async (t) => {
    const {ec2} = await labFor(t);
    await assert.rejects(
      ec2.describeSnapshots({SnapshotIds: ['snap-xyz']}),
      code('InvalidSnapshotID.Malformed'),
    );
    await assert.rejects(
      ec2.describeSnapshots({SnapshotIds: ['snap-12345678']}),
      code('InvalidSnapshot.NotFound'),
    );
    await assert.rejects(ec2.describeVolumes({VolumeIds: ['vol-1']}), code('InvalidVolumeID.Malformed'));
    await assert.rejects(
      ec2.describeInstances({InstanceIds: ['i-12345678']}),
      code('InvalidInstanceID.NotFound'),
    );
  });

  test('lists enabled regions only and refuses calls to others', async (t) => {
    const lab = await labFor(t);
    const {Regions} = await lab.ec2.describeRegions({});
    assert.deepEqual(
      Regions?.map(({RegionName}) => RegionName),
      ['eu-west-1', 'us-east-1'],
    );
    const all = await lab.ec2.describeRegions({AllRegions: true});
    assert.equal(
      all.Regions?.find(({OptInStatus}) => OptInStatus === 'not-opted-in')?.RegionName,
      'ap-southeast-4',
    );
    await assert.rejects(lab.in('ap-southeast-4').describeVolumes({}), code('AuthFailure'));
    await assert.rejects(lab.in('eu-nowhere-1').describeVolumes({}), code('AuthFailure'));
  });

  test('may not show a new snapshot at once', async (t) => {
    const timing = {...FLEET.timing, eventual_consistency_seconds: 3_000_000};
    const {ec2} = await labFor(t, {fleet: {...FLEET, timing}});
    const {Volumes} = await ec2.describeVolumes({});
    const {SnapshotId: id = ''} = await ec2.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
    await assert.rejects(ec2.describeSnapshots({SnapshotIds: [id]}), code('InvalidSnapshot.NotFound'));
    await assert.rejects(
      ec2.createTags({Resources: [id], Tags: [{Key: 'a', Value: 'b'}]}),
      code('InvalidSnapshot.NotFound'),
    );
  });

  test('throttles a region and action by its own bucket', async (t) => {
    const {in: region} = await labFor(t, {fleet: {...FLEET, throttling: true, clock: {speed: 0.001}}});
    const ec2 = region('eu-west-1');
    for (let call = 0; call < 50; call++) await ec2.describeVolumes({});
    await assert.rejects(ec2.describeVolumes({}), code('RequestLimitExceeded'));
    await ec2.describeVolumes({MaxResults: 5});
    await region('us-east-1').describeVolumes({});
  });
});
