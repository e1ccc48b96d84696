/** The EBS direct APIs read what is really on the disks of a lab that is up. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {after, before, describe, test} from 'node:test';
import {EBS} from '@aws-sdk/client-ebs';
import {EC2} from '@aws-sdk/client-ec2';
import {QUICK} from '../lab-client.ts';
import {labUp, noHardware, type UpLab} from './lab-up.ts';

const FLEET = {
  ...QUICK,
  hardware: {mib_per_gib: 8},
  regions: {
    'eu-west-1': {
      instances: {
        web: {volumes: {'/dev/xvda': 4, '/dev/sdf': {size: 4, filesystem: 'ext4', mount: '/data'}}},
      },
    },
    'us-east-1': {},
  },
};

const BYTES = 4 * 8 * 2 ** 20;

describe('the blocks of a snapshot on a real disk', {skip: noHardware}, () => {
  let lab: UpLab;
  const clients: {destroy(): void}[] = [];
  before(async () => {
    lab = await labUp(FLEET);
  });
  after(() => {
    for (const client of clients) client.destroy();
  });
  const open = (region: string) => {
    const config = {region, endpoint: lab.url, credentials: {accessKeyId: 'lab', secretAccessKey: 'lab'}};
    const opened = {ec2: new EC2(config), ebs: new EBS(config)};
    clients.push(opened.ec2, opened.ebs);
    return opened;
  };
  const completed = async (ec2: EC2, id = '') => {
    for (;;) {
      const {Snapshots} = await ec2.describeSnapshots({SnapshotIds: [id]});
      if (Snapshots?.[0]?.State !== 'pending') return id;
    }
  };

  /** The disk as its blocks make it, with zeros where there are none. */
  const imageOf = async (ebs: EBS, SnapshotId: string) => {
    const image = Buffer.alloc(BYTES);
    const {Blocks = [], BlockSize = 0} = await ebs.listSnapshotBlocks({SnapshotId, MaxResults: 10_000});
    for (const {BlockIndex = 0, BlockToken} of Blocks) {
      const {BlockData} = await ebs.getSnapshotBlock({SnapshotId, BlockIndex, BlockToken});
      image.set((await BlockData?.transformToByteArray()) ?? [], BlockIndex * BlockSize);
    }
    return {sha256: createHash('sha256').update(image).digest('hex'), count: Blocks.length};
  };

  test('are those of the disk, and those of its copy in another region', async () => {
    const {ec2, ebs} = open('eu-west-1');
    await lab.ssh('web', 'sudo dd if=/dev/urandom of=/data/noise bs=1M count=3 status=none && sync');
    const {Volumes = []} = await ec2.describeVolumes({});
    const data = Volumes.find(({Attachments}) => Attachments?.[0]?.Device === '/dev/sdf')?.VolumeId ?? '';
    await lab.ssh('web', 'sudo umount /data');
    const made = await ec2.createSnapshot({VolumeId: data});
    const source = await completed(ec2, made.SnapshotId);
    const node = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${data.replace('-', '')}`;
    const [digest] = (await lab.ssh('web', `sudo sha256sum ${node}`)).split(' ');
    const original = await imageOf(ebs, source);
    assert.equal(original.sha256, digest);

    const us = open('us-east-1');
    const request = {SourceRegion: 'eu-west-1', SourceSnapshotId: source, Encrypted: true};
    const {SnapshotId} = await us.ec2.copySnapshot(request);
    const replica = await imageOf(us.ebs, await completed(us.ec2, SnapshotId));
    assert.equal(replica.sha256, digest);
    assert.ok(replica.count > 0 && replica.count <= original.count && original.count < BYTES / 2 ** 19);
  });

  test('are none of a copy that failed', async () => {
    const {ec2, ebs} = open('us-east-1');
    const {Snapshots = []} = await ec2.describeSnapshots({OwnerIds: ['self']});
    const {SnapshotId} = await ec2.copySnapshot({
      SourceRegion: 'us-east-1',
      SourceSnapshotId: Snapshots[0]?.SnapshotId,
      Encrypted: true,
      KmsKeyId: 'alias/nobody',
    });
    const broken = await completed(ec2, SnapshotId);
    await assert.rejects(ebs.listSnapshotBlocks({SnapshotId: broken}), {Reason: 'INVALID_SNAPSHOT_ID'});
    await assert.rejects(ec2.createVolume({SnapshotId: broken, AvailabilityZone: 'us-east-1a'}), {
      name: 'IncorrectState',
    });
    await ec2.deleteSnapshot({SnapshotId: broken});
  });
});
