/** Copies of encrypted snapshots reach them in their region, whatever tags they are made with. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ec2Of, labFor, QUICK} from '../../lab/lab-client.ts';

const instances = {db: {volumes: {'/dev/sdf': {size: 1, encrypted: true}}}};

test('an encrypted snapshot is copied to another region with tags in the call', async (t) => {
  const regions = {'eu-west-1': {instances}, 'us-east-1': {}};
  const {lab, ec2: sdk} = await labFor(t, {fleet: {...QUICK, regions}});
  const {Volumes} = await sdk.describeVolumes({});
  const {SnapshotId: SourceSnapshotId} = await sdk.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
  await lab.clock.sleep(3000);
  const ec2 = ec2Of(t, lab);
  const Tags = [{Key: 'ftask:run', Value: 'one & the same'}];
  const {SnapshotId = ''} = await ec2.call('us-east-1', 'CopySnapshot', {
    SourceRegion: 'eu-west-1',
    SourceSnapshotId,
    TagSpecifications: [{ResourceType: 'snapshot', Tags}],
  });
  await lab.clock.sleep(3000);
  const {Snapshots} = await ec2.call('us-east-1', 'DescribeSnapshots', {SnapshotIds: [SnapshotId]});
  assert.deepEqual(
    Snapshots?.map(({State, StateMessage, Encrypted, Tags: tags}) => [State, StateMessage, Encrypted, tags]),
    [['completed', undefined, true, Tags]],
  );
});
