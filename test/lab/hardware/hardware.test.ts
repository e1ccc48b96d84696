/** What is done through the lab's API is done to disks and machines. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {EC2} from '@aws-sdk/client-ec2';
import {code, QUICK} from '../lab-client.ts';
import {labUp, noHardware, type UpLab} from './lab-up.ts';

const run = promisify(execFile);

const FLEET = {
  ...QUICK,
  hardware: {mib_per_gib: 8, store_gib: 2},
  regions: {
    'eu-west-1': {
      instances: {
        web: {volumes: {'/dev/xvda': 8, '/dev/sdf': {size: 8, mount: '/data'}, '/dev/sdg': 2}},
        spare: {volumes: {'/dev/xvda': 8}},
      },
    },
    'us-east-1': {},
  },
};

describe('the API of a lab with hardware', {skip: noHardware}, () => {
  let lab: UpLab;
  let ec2: EC2;
  before(async () => {
    lab = await labUp(FLEET);
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    ec2 = new EC2({region: 'eu-west-1', endpoint: lab.url, credentials, maxAttempts: 1});
  });
  after(() => ec2?.destroy());

  const instance = async (name: string) => {
    const {Reservations} = await ec2.describeInstances({Filters: [{Name: 'tag:Name', Values: [name]}]});
    const found = Reservations?.[0]?.Instances?.[0];
    assert.ok(found, name);
    return found;
  };
  const state = async (InstanceId: string) => {
    const {Reservations} = await ec2.describeInstances({InstanceIds: [InstanceId]});
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  const volume = async (VolumeId: string) =>
    (await ec2.describeVolumes({VolumeIds: [VolumeId]})).Volumes?.[0];
  const volumeOf = async (name: string, device: string) => {
    const {BlockDeviceMappings} = await instance(name);
    return BlockDeviceMappings?.find(({DeviceName}) => DeviceName === device)?.Ebs?.VolumeId ?? '';
  };
  const link = (id: string) => `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${id.replace('-', '')}`;
  const image = async () =>
    (await ec2.describeImages({Filters: [{Name: 'name', Values: ['debian-12-amd64']}]})).Images?.[0];

  test('shows instances at addresses that answer, and tells that it is real', async () => {
    const {PrivateIpAddress = ''} = await instance('web');
    assert.match(PrivateIpAddress, /^198\.18\.\d+\.\d+$/);
    assert.equal(await lab.ssh(PrivateIpAddress, 'hostname'), 'web\n');
    const told = (await (await fetch(`${lab.url}/_lab`)).json()) as {hardware: boolean; gateway: string};
    assert.equal(told.hardware, true);
    assert.match(told.gateway, /^198\.18\.\d+\.1$/);
    const byTag = await lab.ftask('--hosts-by-tag', 'Name=web', 'run', '--', 'hostname');
    assert.match(byTag.stdout, /^web$/m, byTag.stderr);
  });

  test('makes a volume of a snapshot with what was on the disk, and attaches it where it is asked to', async () => {
    const data = await volumeOf('web', '/dev/sdf');
    await lab.ssh('web', 'echo before | sudo tee /data/file; sync');
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: data});
    await lab.ssh('web', 'echo after | sudo tee /data/file; sync');
    const {VolumeId = ''} = await ec2.createVolume({AvailabilityZone: 'eu-west-1a', SnapshotId, Size: 10});
    const {InstanceId} = await instance('spare');
    await ec2.attachVolume({VolumeId, InstanceId, Device: '/dev/sdh'});
    assert.equal((await volume(VolumeId))?.Attachments?.[0]?.State, 'attached');
    assert.equal(
      await lab.ssh('spare', `sudo blockdev --getsize64 ${link(VolumeId)}`),
      `${10 * 8 * 2 ** 20}\n`,
    );
    assert.equal(await lab.ssh('spare', `sudo mount ${link(VolumeId)} /mnt && cat /mnt/file`), 'before\n');
  });

  test('keeps a mounted volume until it is unmounted', async () => {
    const VolumeId = await volumeOf('spare', '/dev/sdh');
    await ec2.detachVolume({VolumeId});
    assert.equal((await volume(VolumeId))?.Attachments?.[0]?.State, 'detaching');
    assert.equal(await lab.ssh('spare', 'cat /mnt/file'), 'before\n');
    await assert.rejects(ec2.deleteVolume({VolumeId}), code('VolumeInUse'));
    await lab.ssh('spare', 'sudo umount /mnt');
    const deadline = performance.now() + 10_000;
    while ((await volume(VolumeId))?.State !== 'available') assert.ok(performance.now() < deadline);
    await assert.rejects(lab.ssh('spare', `ls ${link(VolumeId)}`));
    await ec2.deleteVolume({VolumeId});
  });

  test('takes a mounted volume away by force, with what it held', async () => {
    const VolumeId = await volumeOf('web', '/dev/sdf');
    await lab.ssh('web', 'echo held | sudo tee /data/held; sync');
    await ec2.detachVolume({VolumeId});
    await ec2.detachVolume({VolumeId, Force: true});
    assert.equal((await volume(VolumeId))?.State, 'available');
    await assert.rejects(lab.ssh('web', 'echo lost | sudo tee /data/lost && sync /data/lost'));
    const {InstanceId} = await instance('spare');
    await ec2.attachVolume({VolumeId, InstanceId, Device: '/dev/sdi'});
    assert.equal(
      await lab.ssh('spare', `sudo mount ${link(VolumeId)} /mnt && ls -I lost+found /mnt`),
      'file\nheld\n',
    );
  });

  test('stops and starts an instance with its disks, and reboots it', async () => {
    const {InstanceId = ''} = await instance('spare');
    await lab.ssh('spare', 'touch ~/kept; sudo touch /run/not-kept; sync');
    await ec2.stopInstances({InstanceIds: [InstanceId]});
    assert.equal(await state(InstanceId), 'stopped');
    await assert.rejects(lab.ssh('spare', 'true'));
    await ec2.startInstances({InstanceIds: [InstanceId]});
    assert.equal(await state(InstanceId), 'running');
    assert.equal(await lab.ssh('spare', 'ls ~ /run/not-kept 2>/dev/null || true'), '/home/admin:\nkept\n');
    await lab.ssh('spare', 'sudo touch /run/not-kept');
    await ec2.rebootInstances({InstanceIds: [InstanceId]});
    assert.equal(await lab.ssh('spare', 'ls /run/not-kept 2>/dev/null || echo gone'), 'gone\n');
  });

  test('launches an instance that a key pair opens and user data prepares, and ends it', async () => {
    const {KeyMaterial = ''} = await ec2.createKeyPair({KeyName: 'mine'});
    const key = join(lab.folder, 'mine.pem');
    await writeFile(key, KeyMaterial, {mode: 0o600});
    const ImageId = (await image())?.ImageId;
    const UserData = Buffer.from('#!/bin/sh\nid -un >/var/told\n').toString('base64');
    const request = {ImageId, MinCount: 1, MaxCount: 1, KeyName: 'mine', UserData};
    await assert.rejects(ec2.runInstances({...request, DryRun: true}), code('DryRunOperation'));
    const {Instances} = await ec2.runInstances(request);
    const {InstanceId = '', PrivateIpAddress = ''} = Instances?.[0] ?? {};
    assert.equal(await state(InstanceId), 'running');
    const words = ['-F', lab.sshConfig, '-o', `IdentityFile=${key}`, PrivateIpAddress];
    await assert.rejects(lab.ssh(PrivateIpAddress, 'true'), 'the key of the lab does not open it');
    const told = 'while [ ! -s /var/told ]; do sleep 0.1; done; cat /var/told';
    assert.equal(
      (await run('ssh', [...words.slice(0, 2), '-i', key, PrivateIpAddress, told])).stdout,
      'root\n',
    );

    const root = (
      await ec2.describeVolumes({Filters: [{Name: 'attachment.instance-id', Values: [InstanceId]}]})
    ).Volumes;
    assert.equal(root?.length, 1);
    await ec2.terminateInstances({InstanceIds: [InstanceId]});
    assert.equal(await state(InstanceId), 'terminated');
    await assert.rejects(volume(root?.[0]?.VolumeId ?? ''), code('InvalidVolume.NotFound'));
    await assert.rejects(run('ssh', [...words, 'true']));
  });

  test('answers with an error, and has made nothing, when an instance cannot boot', async () => {
    const blank = await volumeOf('web', '/dev/sdg');
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: blank});
    const {ImageId} = await ec2.registerImage({
      Name: 'nothing-to-boot',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId}}],
    });
    const before = (await ec2.describeVolumes({})).Volumes?.length;
    await assert.rejects(ec2.runInstances({ImageId, MinCount: 2, MaxCount: 2}), (error: Error) => {
      assert.equal(error.name, 'InternalError');
      assert.match(error.message, /does not start/);
      return true;
    });
    assert.equal((await ec2.describeVolumes({})).Volumes?.length, before);
    const {Reservations} = await ec2.describeInstances({
      Filters: [{Name: 'image-id', Values: [ImageId ?? '']}],
    });
    assert.deepEqual(Reservations ?? [], []);
  });

  test('restores in another region what was copied there', async () => {
    const {SnapshotId: SourceSnapshotId = ''} = await ec2.createSnapshot({
      VolumeId: await volumeOf('web', '/dev/xvda'),
    });
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    const there = new EC2({region: 'us-east-1', endpoint: lab.url, credentials, maxAttempts: 1});
    try {
      const {SnapshotId} = await there.copySnapshot({SourceRegion: 'eu-west-1', SourceSnapshotId});
      const {ImageId} = await there.registerImage({
        Name: 'moved',
        RootDeviceName: '/dev/xvda',
        BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId}}],
      });
      await there.runInstances({
        ImageId,
        MinCount: 1,
        MaxCount: 1,
        KeyName: 'lab',
        TagSpecifications: [{ResourceType: 'instance', Tags: [{Key: 'Name', Value: 'moved'}]}],
      });
      assert.match(await lab.ssh('moved', 'hostname; cat /etc/fstab'), /\/data ext4/);
    } finally {
      there.destroy();
    }
  });

  test('goes down with all of that, and comes up again', async () => {
    const down = await lab.ftask('lab', 'down');
    assert.equal(down.code, 0, down.stderr);
    const up = await lab.ftask('lab', 'up', '--file', 'lab.yaml');
    assert.equal(up.code, 0, up.stderr);
    assert.equal(await lab.ssh('spare', 'ls ~'), 'kept\n');
    assert.equal(await lab.ssh('moved', 'id -un'), 'admin\n');
  });
});
