/** What happens to a snapshot after it was made: tags, copies, deletion, images, locks, sharing. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {EC2} from '@aws-sdk/client-ec2';
import {type Client, code, FLEET, labFor} from './lab-client.ts';

async function snapshotIn({ec2, lab}: Client): Promise<string> {
  const {Volumes = []} = await ec2.describeVolumes({});
  const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: Volumes[0]?.VolumeId});
  await lab.clock.sleep(2000);
  return SnapshotId;
}

async function only(ec2: EC2, id: string | undefined) {
  const {Snapshots} = await ec2.describeSnapshots({SnapshotIds: [id ?? '']});
  return Snapshots?.[0];
}

describe('the lab', () => {
  test('adds and removes tags and holds 50 at most', async (t) => {
    const client = await labFor(t);
    const {ec2} = client;
    const id = await snapshotIn(client);
    const tags = (from: number, to: number) =>
      Array.from({length: to - from}, (_, index) => ({Key: `k${from + index}`, Value: 'v'}));
    await ec2.createTags({Resources: [id], Tags: tags(0, 30)});
    await assert.rejects(ec2.createTags({Resources: [id], Tags: tags(30, 51)}), code('TagLimitExceeded'));
    await ec2.deleteTags({Resources: [id], Tags: [{Key: 'k0', Value: 'other'}, {Key: 'k1'}]});
    const {Tags = []} = await ec2.describeTags({Filters: [{Name: 'resource-id', Values: [id]}]});
    assert.equal(Tags.length, 29);
    assert.ok(Tags.some(({Key}) => Key === 'k0'));
    assert.equal(Tags[0]?.ResourceType, 'snapshot');
  });

  test('gives a copy no tags, no volume and a start time of its own', async (t) => {
    const client = await labFor(t);
    const source = await snapshotIn(client);
    const us = client.in('us-east-1');
    const {SnapshotId} = await us.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId: source});
    const [copy, original] = [await only(us, SnapshotId), await only(client.ec2, source)];
    assert.equal(copy?.VolumeId, 'vol-ffffffff');
    assert.equal(copy?.Tags, undefined);
    assert.ok((copy?.StartTime ?? 0) > (original?.StartTime ?? 0));
  });

  test('takes 20 copies to a region at once and no copy of what is not completed', async (t) => {
    const timing = {...FLEET.timing, copy_seconds: [36_000, 36_000]};
    const client = await labFor(t, {fleet: {...FLEET, timing}});
    const source = await snapshotIn(client);
    const us = client.in('us-east-1');
    const copy = (id: string | undefined) =>
      us.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId: id});
    const copies = await Promise.all(Array.from({length: 20}, () => copy(source)));
    await assert.rejects(copy(source), code('ResourceLimitExceeded'));
    await assert.rejects(
      client.ec2.copySnapshot({SourceRegion: 'us-east-1', SourceSnapshotId: copies[0]?.SnapshotId}),
      code('IncorrectState'),
    );
    await assert.rejects(
      us.copySnapshot({SourceRegion: 'xx-1', SourceSnapshotId: source}),
      code('InvalidRegion'),
    );
  });

  test('completes a time-based copy in the time that was asked for, however slow others are', async (t) => {
    const timing = {...FLEET.timing, copy_seconds: [36_000, 36_000]};
    const client = await labFor(t, {fleet: {...FLEET, clock: {speed: 10_000}, timing}});
    const SourceSnapshotId = await snapshotIn(client);
    const us = client.in('us-east-1');
    const copy = (CompletionDurationMinutes?: number) =>
      us.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId, CompletionDurationMinutes});
    for (const minutes of [0, 7, 16, 2895])
      await assert.rejects(copy(minutes), code('InvalidParameterValue'));
    const {SnapshotId} = await copy(30);
    await client.lab.clock.sleep(31 * 60_000);
    const quick = await only(us, SnapshotId);
    assert.deepEqual(
      [quick?.State, quick?.TransferType, quick?.CompletionDurationMinutes],
      ['completed', 'time-based', 30],
    );
    const minutesTaken =
      ((quick?.CompletionTime?.getTime() ?? 0) - (quick?.StartTime?.getTime() ?? 0)) / 60_000;
    assert.equal(minutesTaken, 30);
    const slow = await only(us, (await copy()).SnapshotId);
    assert.deepEqual([slow?.State, slow?.TransferType], ['pending', undefined]);
  });

  test('needs a presigned URL for a copy of what is encrypted in another region', async (t) => {
    const instances = {db: {volumes: {'/dev/sdf': {size: 1, encrypted: true}}}};
    const client = await labFor(t, {
      fleet: {...FLEET, regions: {...FLEET.regions, 'eu-west-1': {instances}}},
    });
    const SourceSnapshotId = await snapshotIn(client);
    const request = {SourceRegion: 'eu-west-1', SourceSnapshotId};
    const scope = 'Credential=AKIA/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host';
    const refusal = await fetch(client.lab.url, {
      method: 'POST',
      body: String(new URLSearchParams({Action: 'CopySnapshot', ...request})),
      headers: {
        'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
        authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=${'0'.repeat(64)}`,
      },
    });
    assert.match(await refusal.text(), /<Code>MissingParameter<\/Code>.*PresignedUrl/);
    const us = client.in('us-east-1');
    const ends = async (more: object) => {
      const {SnapshotId} = await us.copySnapshot({...request, ...more});
      await client.lab.clock.sleep(3000);
      const copy = await only(us, SnapshotId);
      return copy?.StateMessage ?? copy?.State;
    };
    assert.equal(await ends({}), 'completed');
    assert.equal(
      await ends({PresignedUrl: 'https://ec2.eu-west-1.amazonaws.com/'}),
      'The PresignedUrl is invalid',
    );
  });

  test('accepts a copy with a key that it cannot use and ends it in error', async (t) => {
    const client = await labFor(t);
    const source = await snapshotIn(client);
    const {SnapshotId} = await client.ec2.copySnapshot({
      SourceRegion: 'eu-west-1',
      SourceSnapshotId: source,
      Encrypted: true,
      KmsKeyId: 'alias/nobody',
    });
    await client.lab.clock.sleep(3000);
    const copy = await only(client.ec2, SnapshotId);
    assert.deepEqual([copy?.State, copy?.StateMessage], ['error', 'Given key ID is not accessible']);
  });

  test('deletes a completed snapshot once and a pending one when it has completed', async (t) => {
    const timing = {...FLEET.timing, snapshot_seconds: [1500, 1500]};
    const client = await labFor(t, {fleet: {...FLEET, timing}});
    const {ec2, lab} = client;
    const id = await snapshotIn(client);
    await ec2.deleteSnapshot({SnapshotId: id});
    assert.equal((await only(ec2, id))?.State, 'pending');
    await lab.clock.sleep(2_000_000);
    await assert.rejects(only(ec2, id), code('InvalidSnapshot.NotFound'));
    const quick = await labFor(t);
    const done = await snapshotIn(quick);
    await quick.ec2.deleteSnapshot({SnapshotId: done});
    await assert.rejects(quick.ec2.deleteSnapshot({SnapshotId: done}), code('InvalidSnapshot.NotFound'));
  });

  test('keeps a snapshot that an image uses until the image is gone', async (t) => {
    const client = await labFor(t);
    const {ec2} = client;
    const id = await snapshotIn(client);
    const {ImageId} = await ec2.registerImage({
      Name: 'one',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId: id}}],
    });
    await assert.rejects(ec2.deleteSnapshot({SnapshotId: id}), code('InvalidSnapshot.InUse'));
    await ec2.deregisterImage({ImageId});
    await ec2.deleteSnapshot({SnapshotId: id});
  });

  test('keeps a snapshot that a disabled image uses, and shows that image to who asks for it', async (t) => {
    const client = await labFor(t);
    const {ec2} = client;
    const id = await snapshotIn(client);
    const {ImageId = ''} = await ec2.registerImage({
      Name: 'one',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId: id}}],
    });
    await ec2.disableImage({ImageId});
    await assert.rejects(ec2.deleteSnapshot({SnapshotId: id}), code('InvalidSnapshot.InUse'));
    assert.deepEqual((await ec2.describeImages({Owners: ['self']})).Images, []);
    const {Images} = await ec2.describeImages({Owners: ['self'], IncludeDisabled: true});
    assert.deepEqual([Images?.length, Images?.[0]?.State], [1, 'disabled']);
    await assert.rejects(
      ec2.runInstances({ImageId, MinCount: 1, MaxCount: 1}),
      code('InvalidAMIID.Unavailable'),
    );
    await ec2.enableImage({ImageId});
    assert.equal((await ec2.describeImages({Owners: ['self']})).Images?.length, 1);
  });

  test('keeps what AWS Backup made', async (t) => {
    const history = [{made_by: 'aws_backup', every: {'1d': '1d'}}];
    const {ec2} = await labFor(t, {fleet: {...FLEET, history}});
    const {Snapshots} = await ec2.describeSnapshots({OwnerIds: ['self']});
    await assert.rejects(
      ec2.deleteSnapshot({SnapshotId: Snapshots?.[0]?.SnapshotId}),
      code('InvalidParameterValue'),
    );
  });

  test('fails the copies under way of a snapshot that is deleted', async (t) => {
    const timing = {...FLEET.timing, copy_seconds: [1500, 1500]};
    const client = await labFor(t, {fleet: {...FLEET, timing}});
    const SourceSnapshotId = await snapshotIn(client);
    const us = client.in('us-east-1');
    const {SnapshotId} = await us.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId});
    await client.ec2.deleteSnapshot({SnapshotId: SourceSnapshotId});
    await client.lab.clock.sleep(2_000_000);
    assert.equal((await only(us, SnapshotId))?.State, 'error');
  });

  test('keeps deleted snapshots in the Recycle Bin of a region that has one, and restores them', async (t) => {
    const regions = {...FLEET.regions, 'eu-west-1': {...FLEET.regions['eu-west-1'], recycle_bin: {days: 1}}};
    const client = await labFor(t, {fleet: {...FLEET, regions}});
    const {ec2, lab} = client;
    const SnapshotId = await snapshotIn(client);
    await assert.rejects(ec2.restoreSnapshotFromRecycleBin({SnapshotId}), code('InvalidSnapshot.NotFound'));
    const before = await only(ec2, SnapshotId);
    await ec2.deleteSnapshot({SnapshotId});
    await assert.rejects(only(ec2, SnapshotId), code('InvalidSnapshot.NotFound'));
    await assert.rejects(ec2.deleteSnapshot({SnapshotId}), code('InvalidSnapshot.NotFound'));
    assert.deepEqual((await ec2.describeSnapshots({OwnerIds: ['self']})).Snapshots, []);
    const {Snapshots: kept} = await ec2.listSnapshotsInRecycleBin({});
    const [enters, leaves] = [kept?.[0]?.RecycleBinEnterTime, kept?.[0]?.RecycleBinExitTime];
    assert.equal(kept?.[0]?.SnapshotId, SnapshotId);
    assert.equal((leaves?.getTime() ?? 0) - (enters?.getTime() ?? 0), 24 * 3_600_000);
    const {State} = await ec2.restoreSnapshotFromRecycleBin({SnapshotId});
    assert.equal(State, 'recovering');
    await lab.clock.sleep(20_000);
    assert.deepEqual(await only(ec2, SnapshotId), before);
    assert.deepEqual((await ec2.listSnapshotsInRecycleBin({})).Snapshots, []);
  });

  test('lets go of what has been in the Recycle Bin for long enough', async (t) => {
    const regions = {...FLEET.regions, 'eu-west-1': {...FLEET.regions['eu-west-1'], recycle_bin: {days: 1}}};
    const client = await labFor(t, {fleet: {...FLEET, clock: {speed: 100_000}, regions}});
    const {ec2, lab} = client;
    const SnapshotId = await snapshotIn(client);
    await ec2.deleteSnapshot({SnapshotId});
    await lab.clock.sleep(25 * 3_600_000);
    assert.deepEqual((await ec2.listSnapshotsInRecycleBin({})).Snapshots, []);
    await assert.rejects(ec2.restoreSnapshotFromRecycleBin({SnapshotId}), code('InvalidSnapshot.NotFound'));
  });

  test('keeps a locked snapshot until it is unlocked', async (t) => {
    const client = await labFor(t);
    const {ec2} = client;
    const SnapshotId = await snapshotIn(client);
    const lock = await ec2.lockSnapshot({SnapshotId, LockMode: 'governance', LockDuration: 2});
    assert.deepEqual([lock.LockState, lock.LockDuration], ['governance', 2]);
    await assert.rejects(ec2.deleteSnapshot({SnapshotId}), code('OperationNotPermitted'));
    assert.equal((await ec2.describeLockedSnapshots({})).Snapshots?.length, 1);
    await ec2.unlockSnapshot({SnapshotId});
    await ec2.deleteSnapshot({SnapshotId});
  });

  test('shares a snapshot and tells with whom', async (t) => {
    const client = await labFor(t);
    const {ec2} = client;
    const SnapshotId = await snapshotIn(client);
    await ec2.modifySnapshotAttribute({
      SnapshotId,
      CreateVolumePermission: {Add: [{UserId: '210987654321'}, {Group: 'all'}]},
    });
    const {CreateVolumePermissions} = await ec2.describeSnapshotAttribute({
      SnapshotId,
      Attribute: 'createVolumePermission',
    });
    assert.deepEqual(CreateVolumePermissions, [{UserId: '210987654321'}, {Group: 'all'}]);
  });

  test('archives a snapshot, which then can be neither copied nor restored', async (t) => {
    const client = await labFor(t);
    const {ec2, lab} = client;
    const SnapshotId = await snapshotIn(client);
    await ec2.modifySnapshotTier({SnapshotId, StorageTier: 'archive'});
    await lab.clock.sleep(3000);
    const {SnapshotTierStatuses} = await ec2.describeSnapshotTierStatus({});
    assert.equal(SnapshotTierStatuses?.[0]?.LastTieringOperationStatus, 'archival-completed');
    assert.equal((await only(ec2, SnapshotId))?.StorageTier, 'archive');
    await assert.rejects(
      ec2.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId: SnapshotId}),
      code('IncorrectState'),
    );
    await assert.rejects(
      ec2.createVolume({SnapshotId, AvailabilityZone: 'eu-west-1a'}),
      code('IncorrectState'),
    );
  });

  test('makes an image of all volumes of an instance', async (t) => {
    const {ec2, lab} = await labFor(t);
    const {Reservations} = await ec2.describeInstances({Filters: [{Name: 'tag:Role', Values: ['web']}]});
    const {ImageId = ''} = await ec2.createImage({
      Name: 'web',
      InstanceId: Reservations?.[0]?.Instances?.[0]?.InstanceId,
    });
    await lab.clock.sleep(3000);
    const {Images} = await ec2.describeImages({ImageIds: [ImageId]});
    assert.equal(Images?.[0]?.State, 'available');
    assert.equal(Images?.[0]?.BlockDeviceMappings?.length, 2);
    await assert.rejects(
      ec2.createImage({Name: 'web', InstanceId: Reservations?.[0]?.Instances?.[0]?.InstanceId}),
      code('InvalidAMIName.Duplicate'),
    );
  });
});
