/** What ftask relies on EC2 to do, as cases that any endpoint can be asked to show. */
import assert from 'node:assert/strict';
import {retentionCases} from './retention-cases.ts';
import {
  byRun,
  type Case,
  completed,
  dataVolumeOf,
  ids,
  launch,
  OTHER_REGION,
  REGION,
  rejects,
  snapshotAll,
  volumesOf,
} from './steps.ts';

export const cases: readonly Case[] = [
  {
    title: 'lists the regions that are enabled',
    run: async (endpoint) => {
      const {Regions = []} = await endpoint.client(REGION).describeRegions({});
      assert.ok(Regions.some(({RegionName}) => RegionName === REGION));
      assert.ok(Regions.every(({OptInStatus}) => OptInStatus !== 'not-opted-in'));
    },
  },
  {
    title: 'refuses calls in a region that is not enabled',
    run: async (endpoint) => {
      await rejects(endpoint.client('me-south-1').describeInstances({}), /AuthFailure|UnrecognizedClient/);
    },
  },
  {
    title: 'finds instances by tag and state, with their volumes',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'by-tag');
      const Filters = [
        {Name: 'tag:case', Values: ['by-tag']},
        {Name: 'instance-state-name', Values: ['pending', 'running']},
      ];
      const {Reservations = []} = await endpoint
        .client(REGION)
        .describeInstances({Filters, MaxResults: 1000});
      const found = Reservations.flatMap(({Instances = []}) => Instances);
      assert.deepEqual(
        found.map(({InstanceId}) => InstanceId),
        [instance.InstanceId],
      );
      assert.equal(found[0]?.BlockDeviceMappings?.length, 2);
    },
  },
  {
    title: 'lists the volumes of instances',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'volumes');
      const Filters = [{Name: 'attachment.instance-id', Values: [instance.InstanceId ?? '']}];
      const {Volumes = []} = await endpoint.client(REGION).describeVolumes({Filters, MaxResults: 1000});
      assert.deepEqual(Volumes.map(({VolumeId}) => VolumeId).sort(), volumesOf(instance));
      assert.deepEqual(Volumes.map(({Size}) => Size).sort(), [2, 8]);
    },
  },
  {
    title: 'refuses to page through instances that are named by id',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'named');
      const InstanceIds = [instance.InstanceId ?? ''];
      await rejects(
        endpoint.client(REGION).describeInstances({InstanceIds, MaxResults: 5}),
        /InvalidParameterCombination/,
      );
    },
  },
  {
    title: 'snapshots all volumes of an instance in one call, tagged by that call',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'set');
      const made = await snapshotAll(endpoint, instance, {run: 'set'});
      assert.deepEqual(made.map(({VolumeId}) => VolumeId).sort(), volumesOf(instance));
      assert.deepEqual(new Set(made.map(({StartTime}) => StartTime?.getTime())).size, 1);
      const found = await byRun(endpoint, 'set');
      assert.deepEqual(ids(found), ids(made));
      assert.ok(found.every(({Description}) => Description === 'contract'));
    },
  },
  {
    title: 'leaves out the boot volume on request',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'no-boot');
      const made = await snapshotAll(endpoint, instance, {run: 'no-boot', ExcludeBootVolume: true});
      assert.deepEqual(
        made.map(({VolumeId}) => VolumeId),
        [dataVolumeOf(instance)],
      );
    },
  },
  {
    title: 'leaves out data volumes on request',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'no-data');
      const ExcludeDataVolumeIds = [dataVolumeOf(instance)];
      const made = await snapshotAll(endpoint, instance, {run: 'no-data', ExcludeDataVolumeIds});
      assert.equal(made.length, 1);
      assert.notEqual(made[0]?.VolumeId, dataVolumeOf(instance));
    },
  },
  {
    title: 'copies the tags of each volume to its snapshot on request',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'volume-tags');
      const Resources = [dataVolumeOf(instance)];
      await endpoint.client(REGION).createTags({Resources, Tags: [{Key: 'mount', Value: '/var'}]});
      await snapshotAll(endpoint, instance, {run: 'volume-tags'}, 'volume');
      const found = await byRun(endpoint, 'volume-tags');
      const tagged = found.filter(({Tags = []}) => Tags.some(({Key}) => Key === 'mount'));
      assert.deepEqual(
        tagged.map(({VolumeId}) => VolumeId),
        Resources,
      );
    },
  },
  {
    title: 'makes nothing of a dry run',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'dry-run');
      const InstanceSpecification = {InstanceId: instance.InstanceId ?? ''};
      await rejects(
        endpoint.client(REGION).createSnapshots({InstanceSpecification, DryRun: true}),
        /DryRunOperation/,
      );
      const Filters = [{Name: 'volume-id', Values: volumesOf(instance)}];
      const {Snapshots = []} = await endpoint.client(REGION).describeSnapshots({Filters});
      assert.deepEqual(Snapshots, []);
    },
  },
  {
    title: 'takes no snapshot of a terminated instance',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'terminated');
      await endpoint.client(REGION).terminateInstances({InstanceIds: [instance.InstanceId ?? '']});
      await endpoint.seconds(60);
      await rejects(snapshotAll(endpoint, instance, {run: 'terminated'}), /Incorrect|Invalid/);
    },
  },
  {
    title: 'has a new snapshot pending first, and completed later',
    run: async (endpoint) => {
      const made = await snapshotAll(endpoint, await launch(endpoint, 'pending'), {run: 'pending'});
      assert.ok(made.every(({State}) => State === 'pending'));
      await completed(endpoint, 'pending');
    },
  },
  {
    title: 'allows one snapshot of a volume every 15 seconds',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'rate');
      await snapshotAll(endpoint, instance, {run: 'rate'});
      await rejects(snapshotAll(endpoint, instance, {run: 'rate'}), /SnapshotCreationPerVolumeRateExceeded/);
    },
  },
  {
    title: 'pages through snapshots',
    run: async (endpoint) => {
      const runs = ['page-1', 'page-2', 'page-3'];
      for (const run of runs) await snapshotAll(endpoint, await launch(endpoint, run), {run});
      await endpoint.seconds(10);
      const Filters = [{Name: 'tag:run', Values: ['page-*']}];
      const first = await endpoint.client(REGION).describeSnapshots({Filters, MaxResults: 5});
      assert.equal(first.Snapshots?.length, 5);
      assert.ok(first.NextToken);
      const {NextToken} = first;
      const second = await endpoint.client(REGION).describeSnapshots({Filters, MaxResults: 5, NextToken});
      assert.equal(second.Snapshots?.length, 1);
    },
  },
  {
    title: 'lists only the snapshots of the owner that is asked for',
    run: async (endpoint) => {
      await snapshotAll(endpoint, await launch(endpoint, 'owner'), {run: 'owner'});
      await endpoint.seconds(10);
      const OwnerIds = ['999999999999'];
      const {Snapshots = []} = await endpoint.client(REGION).describeSnapshots({OwnerIds});
      assert.deepEqual(
        Snapshots.filter(({OwnerId}) => OwnerId !== '999999999999'),
        [],
      );
    },
  },
  {
    title: 'refuses a filter that it does not know',
    run: async (endpoint) => {
      const Filters = [{Name: 'colour', Values: ['red']}];
      await rejects(endpoint.client(REGION).describeSnapshots({Filters}), /InvalidParameterValue/);
    },
  },
  {
    title: 'refuses more than 50 tags and makes no snapshot',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'many-tags');
      const extra = Array.from({length: 50}, (_, index) => ({Key: `k${index}`, Value: 'v'}));
      await rejects(snapshotAll(endpoint, instance, {run: 'many-tags', extra}), /TagLimitExceeded/);
      await endpoint.seconds(10);
      assert.deepEqual(await byRun(endpoint, 'many-tags', 0), []);
    },
  },
  {
    title: "refuses tag keys that are AWS's own",
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'aws-tags');
      const extra = [{Key: 'aws:mine', Value: 'v'}];
      await rejects(snapshotAll(endpoint, instance, {run: 'aws-tags', extra}), /Invalid/);
    },
  },
  {
    title: 'refuses tag values of more than 256 characters',
    run: async (endpoint) => {
      const instance = await launch(endpoint, 'long-tag');
      const extra = [{Key: 'long', Value: 'v'.repeat(257)}];
      await rejects(snapshotAll(endpoint, instance, {run: 'long-tag', extra}), /Invalid/);
    },
  },
  {
    title: 'tells a malformed id from one that does not exist',
    run: async (endpoint) => {
      const client = endpoint.client(REGION);
      await rejects(client.deleteSnapshot({SnapshotId: 'snap-nonsense'}), /Malformed|InvalidParameterValue/);
    },
  },
  {
    title: 'says of a snapshot that is gone that it is not found',
    run: async (endpoint) => {
      const [one] = await snapshotAll(endpoint, await launch(endpoint, 'gone'), {run: 'gone'});
      await completed(endpoint, 'gone');
      const SnapshotId = one?.SnapshotId ?? '';
      await endpoint.client(REGION).deleteSnapshot({SnapshotId});
      await rejects(endpoint.client(REGION).deleteSnapshot({SnapshotId}), /InvalidSnapshot\.NotFound/);
    },
  },
  {
    title: 'keeps a snapshot that an image uses',
    run: async (endpoint) => {
      const {InstanceId = ''} = await launch(endpoint, 'image');
      const client = endpoint.client(REGION);
      const {ImageId = ''} = await client.createImage({InstanceId, Name: 'contract'});
      await endpoint.seconds(10);
      await endpoint.seconds(10);
      const {Images = []} = await client.describeImages({ImageIds: [ImageId]});
      const SnapshotId = Images[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
      await rejects(client.deleteSnapshot({SnapshotId}), /InvalidSnapshot\.InUse/);
    },
  },
  {
    title: 'copies a snapshot to another region without its tags, under a volume id that means nothing',
    run: async (endpoint) => {
      const [one] = await snapshotAll(endpoint, await launch(endpoint, 'copy'), {run: 'copy'});
      await completed(endpoint, 'copy');
      const there = endpoint.client(OTHER_REGION);
      const copy = await there.copySnapshot({
        SourceRegion: REGION,
        SourceSnapshotId: one?.SnapshotId ?? '',
        TagSpecifications: [{ResourceType: 'snapshot', Tags: [{Key: 'run', Value: 'copied'}]}],
      });
      await endpoint.seconds(10);
      const Filters = [{Name: 'tag:run', Values: ['copied']}];
      const {Snapshots = []} = await there.describeSnapshots({Filters, OwnerIds: ['self']});
      assert.deepEqual(ids(Snapshots), [copy.SnapshotId]);
      assert.deepEqual(Snapshots[0]?.Tags, [{Key: 'run', Value: 'copied'}]);
      assert.notEqual(Snapshots[0]?.VolumeId, one?.VolumeId);
    },
  },
  {
    title: 'sets and removes tags of a snapshot',
    run: async (endpoint) => {
      const [one] = await snapshotAll(endpoint, await launch(endpoint, 'retag'), {run: 'retag'});
      const Resources = [one?.SnapshotId ?? ''];
      const client = endpoint.client(REGION);
      await completed(endpoint, 'retag');
      await client.createTags({Resources, Tags: [{Key: 'colour', Value: 'red'}]});
      await endpoint.seconds(10);
      const Filters = [{Name: 'tag:colour', Values: ['red']}];
      assert.deepEqual(ids((await client.describeSnapshots({Filters})).Snapshots), Resources);
      await client.deleteTags({Resources, Tags: [{Key: 'colour'}]});
      await endpoint.seconds(10);
      assert.deepEqual((await client.describeSnapshots({Filters})).Snapshots ?? [], []);
    },
  },
  ...retentionCases,
];
