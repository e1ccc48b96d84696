/** What deleting old snapshots relies on: that whatever forbids it can be seen beforehand, and that AWS forbids it, too. */
import assert from 'node:assert/strict';
import {
  type Case,
  completed,
  type Endpoint,
  ids,
  launch,
  OTHER_REGION,
  REGION,
  rejects,
  snapshotAll,
} from './steps.ts';

export const retentionCases: readonly Case[] = [
  {
    title: 'finds those of many snapshots that are there, when asked by a filter',
    run: async (endpoint) => {
      const made = await completedSet(endpoint, 'some');
      const Filters = [{Name: 'snapshot-id', Values: [...made, 'snap-00000000000000000']}];
      const {Snapshots} = await endpoint.client(REGION).describeSnapshots({Filters});
      assert.deepEqual(ids(Snapshots), made);
    },
  },
  {
    title: 'finds none of many snapshots, when asked by their ids and one is not there',
    run: async (endpoint) => {
      const SnapshotIds = [...(await completedSet(endpoint, 'none')), 'snap-00000000000000000'];
      await rejects(endpoint.client(REGION).describeSnapshots({SnapshotIds}), /InvalidSnapshot\.NotFound/);
    },
  },
  {
    title: 'tells when a snapshot had completed, and how large it would be in full',
    run: async (endpoint) => {
      const SnapshotIds = await completedSet(endpoint, 'evidence');
      const {Snapshots = []} = await endpoint.client(REGION).describeSnapshots({SnapshotIds});
      for (const {StartTime, CompletionTime, FullSnapshotSizeInBytes} of Snapshots) {
        assert.ok(StartTime && CompletionTime && CompletionTime >= StartTime);
        assert.ok(FullSnapshotSizeInBytes);
      }
    },
  },
  {
    title: 'finds the images that a snapshot is used by',
    run: async (endpoint) => {
      const {SnapshotId, ImageId} = await imaged(endpoint, 'used-by');
      const Filters = [{Name: 'block-device-mapping.snapshot-id', Values: [SnapshotId]}];
      const {Images = []} = await endpoint.client(REGION).describeImages({Owners: ['self'], Filters});
      assert.deepEqual(
        Images.map((image) => image.ImageId),
        [ImageId],
      );
    },
  },
  {
    title: 'shows a disabled image to who asks for it, and keeps its snapshots',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      const {SnapshotId, ImageId} = await imaged(endpoint, 'disabled');
      await client.disableImage({ImageId});
      await endpoint.seconds(10);
      const shown = async (IncludeDisabled: boolean) => {
        const {Images = []} = await client.describeImages({Owners: ['self'], IncludeDisabled});
        return Images.some((image) => image.ImageId === ImageId);
      };
      assert.deepEqual([await shown(false), await shown(true)], [false, true]);
      await rejects(client.deleteSnapshot({SnapshotId}), /InvalidSnapshot\.InUse/);
    },
  },
  {
    title: 'lists locked snapshots, and keeps them',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      const [SnapshotId = '', other = ''] = await completedSet(endpoint, 'locked');
      await client.lockSnapshot({SnapshotId, LockMode: 'governance', LockDuration: 1});
      await endpoint.seconds(10);
      const {Snapshots = []} = await client.describeLockedSnapshots({MaxResults: 1000});
      const locked = new Map(Snapshots.map((one) => [one.SnapshotId, one.LockState]));
      assert.deepEqual([locked.get(SnapshotId), locked.get(other)], ['governance', undefined]);
      await assert.rejects(client.deleteSnapshot({SnapshotId}), /lock/);
    },
  },
  {
    title: 'tells when a snapshot came into the archive',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      const [SnapshotId = ''] = await completedSet(endpoint, 'archived');
      await client.modifySnapshotTier({SnapshotId, StorageTier: 'archive'});
      const Filters = [{Name: 'snapshot-id', Values: [SnapshotId]}];
      for (let attempt = 0; attempt < 60; attempt += 1) {
        await endpoint.seconds(10);
        const {SnapshotTierStatuses = []} = await client.describeSnapshotTierStatus({Filters});
        if (SnapshotTierStatuses[0]?.ArchivalCompleteTime) return;
      }
      assert.fail('it does not come into the archive');
    },
  },
  {
    title: 'tells with whom a snapshot is shared',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      const [SnapshotId = ''] = await completedSet(endpoint, 'shared');
      const Attribute = 'createVolumePermission';
      const UserIds = ['210987654321'];
      await client.modifySnapshotAttribute({SnapshotId, Attribute, OperationType: 'add', UserIds});
      await endpoint.seconds(10);
      const {CreateVolumePermissions} = await client.describeSnapshotAttribute({SnapshotId, Attribute});
      assert.deepEqual(CreateVolumePermissions, [{UserId: '210987654321'}]);
    },
  },
  {
    title: 'finds copies that are under way by their state',
    run: async (endpoint) => {
      const [SourceSnapshotId = ''] = await completedSet(endpoint, 'under-way');
      const there = endpoint.client(OTHER_REGION);
      const {SnapshotId} = await there.copySnapshot({SourceRegion: REGION, SourceSnapshotId});
      await endpoint.seconds(5);
      const Filters = [{Name: 'status', Values: ['pending']}];
      const {Snapshots} = await there.describeSnapshots({OwnerIds: ['self'], Filters});
      assert.ok(ids(Snapshots).includes(SnapshotId ?? ''));
    },
  },
  {
    title: 'lists nothing in the Recycle Bin where nothing is kept',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      const [SnapshotId = ''] = await completedSet(endpoint, 'bin');
      await client.deleteSnapshot({SnapshotId});
      assert.deepEqual((await client.listSnapshotsInRecycleBin({})).Snapshots ?? [], []);
      await rejects(client.restoreSnapshotFromRecycleBin({SnapshotId}), /InvalidSnapshot/);
    },
  },
];

/** The ids of the completed snapshots of a new instance, in order. */
async function completedSet(endpoint: Endpoint, run: string): Promise<string[]> {
  const made = await snapshotAll(endpoint, await launch(endpoint, run), {run});
  await completed(endpoint, run);
  return ids(made);
}

/** An image of a new instance, and one snapshot that it uses. */
async function imaged(endpoint: Endpoint, name: string): Promise<{SnapshotId: string; ImageId: string}> {
  const client = endpoint.client(REGION);
  const {InstanceId = ''} = await launch(endpoint, name);
  const {ImageId = ''} = await client.createImage({InstanceId, Name: name});
  await endpoint.seconds(10);
  const {Images = []} = await client.describeImages({ImageIds: [ImageId]});
  return {ImageId, SnapshotId: Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? ''};
}
