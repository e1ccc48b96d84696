/** Volumes and the instances that they are attached to. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import ssh2 from 'ssh2';
import {code, FLEET, labFor, QUICK} from './lab-client.ts';

describe('the lab', () => {
  test('makes a volume once for a client token and checks what it is asked for', async (t) => {
    const {ec2} = await labFor(t);
    const wish = {AvailabilityZone: 'eu-west-1a', Size: 10, VolumeType: 'gp3', ClientToken: 'once'} as const;
    const [first, again] = [await ec2.createVolume(wish), await ec2.createVolume(wish)];
    assert.equal(first.VolumeId, again.VolumeId);
    await assert.rejects(ec2.createVolume({...wish, Size: 11}), code('IdempotentParameterMismatch'));
    await assert.rejects(
      ec2.createVolume({AvailabilityZone: 'eu-west-1x', Size: 1}),
      code('InvalidZone.NotFound'),
    );
    await assert.rejects(ec2.createVolume({AvailabilityZone: 'eu-west-1a'}), code('MissingParameter'));
    await assert.rejects(
      ec2.createVolume({AvailabilityZone: 'eu-west-1a', Size: 10, VolumeType: 'io2'}),
      code('MissingParameter'),
    );
  });

  test('attaches in the same zone only, and detaches', async (t) => {
    const {ec2} = await labFor(t);
    const {Reservations} = await ec2.describeInstances({Filters: [{Name: 'tag:Role', Values: ['web']}]});
    const InstanceId = Reservations?.[0]?.Instances?.[0]?.InstanceId;
    const make = (zone: string) => ec2.createVolume({AvailabilityZone: zone, Size: 1});
    const [near, far] = [await make('eu-west-1a'), await make('eu-west-1b')];
    const attach = (VolumeId: string | undefined, Device: string) =>
      ec2.attachVolume({VolumeId, InstanceId, Device});
    await assert.rejects(attach(far.VolumeId, '/dev/sdg'), code('InvalidVolume.ZoneMismatch'));
    await assert.rejects(attach(near.VolumeId, '/dev/sdf'), code('InvalidParameterValue'));
    await attach(near.VolumeId, '/dev/sdg');
    await assert.rejects(attach(near.VolumeId, '/dev/sdh'), code('VolumeInUse'));
    await assert.rejects(ec2.deleteVolume({VolumeId: near.VolumeId}), code('VolumeInUse'));
    await ec2.detachVolume({VolumeId: near.VolumeId});
    await ec2.deleteVolume({VolumeId: near.VolumeId});
  });

  test('detaches by force what is still being detached', async (t) => {
    const {ec2} = await labFor(t, {
      fleet: {...FLEET, timing: {...QUICK.timing, attach_seconds: 3600}, clock: {speed: 1}},
    });
    const {Volumes} = await ec2.describeVolumes({Filters: [{Name: 'tag:Mount', Values: ['/srv']}]});
    const VolumeId = Volumes?.[0]?.VolumeId ?? '';
    await ec2.detachVolume({VolumeId});
    await assert.rejects(ec2.detachVolume({VolumeId}), code('IncorrectState'));
    await ec2.detachVolume({VolumeId, Force: true});
    assert.equal((await ec2.describeVolumes({VolumeIds: [VolumeId]})).Volumes?.[0]?.State, 'available');
  });

  test('refuses user data that is not base64 or too long', async (t) => {
    const {ec2} = await labFor(t);
    const {Images} = await ec2.describeImages({Owners: ['amazon']});
    const launch = (UserData: string) =>
      ec2.runInstances({ImageId: Images?.[0]?.ImageId, MinCount: 1, MaxCount: 1, UserData});
    await assert.rejects(launch('#!/bin/sh'), code('InvalidUserData.Malformed'));
    const long = Buffer.alloc(16_385).toString('base64');
    await assert.rejects(launch(long), code('InvalidParameterValue'));
    await launch(Buffer.from('#!/bin/sh\n').toString('base64'));
  });

  test('tells the public key of a pair that it made as ssh writes it', async (t) => {
    const {ec2} = await labFor(t);
    const {KeyMaterial = ''} = await ec2.createKeyPair({KeyName: 'mine'});
    const {KeyPairs} = await ec2.describeKeyPairs({KeyNames: ['mine'], IncludePublicKey: true});
    const [type, blob] = KeyPairs?.[0]?.PublicKey?.split(' ') ?? [];
    assert.equal(type, 'ssh-rsa');
    const parsed = ssh2.utils.parseKey(KeyMaterial);
    assert.ok(!(parsed instanceof Error));
    assert.equal(blob, parsed.getPublicSSH().toString('base64'));
  });

  test('launches an instance from an image and deletes its root volume with it', async (t) => {
    const {ec2, lab} = await labFor(t);
    const {Images} = await ec2.describeImages({Owners: ['amazon']});
    const {KeyMaterial} = await ec2.createKeyPair({KeyName: 'temporary'});
    assert.match(KeyMaterial ?? '', /^-----BEGIN RSA PRIVATE KEY-----/);
    const {GroupId = ''} = await ec2.createSecurityGroup({GroupName: 'temporary', Description: 'd'});
    const {Instances} = await ec2.runInstances({
      ImageId: Images?.[0]?.ImageId,
      MinCount: 1,
      MaxCount: 1,
      KeyName: 'temporary',
      SecurityGroupIds: [GroupId],
      TagSpecifications: [{ResourceType: 'instance', Tags: [{Key: 'a', Value: 'b'}]}],
    });
    const id = Instances?.[0]?.InstanceId ?? '';
    await assert.rejects(ec2.deleteSecurityGroup({GroupId}), code('DependencyViolation'));
    const own = {Filters: [{Name: 'attachment.instance-id', Values: [id]}]};
    assert.equal((await ec2.describeVolumes(own)).Volumes?.length, 1);
    await ec2.terminateInstances({InstanceIds: [id]});
    assert.equal((await ec2.describeVolumes(own)).Volumes?.length, 0);
    const {Reservations} = await ec2.describeInstances({InstanceIds: [id]});
    assert.equal(Reservations?.[0]?.Instances?.[0]?.State?.Name, 'terminated');
    await lab.clock.sleep(3_700_000);
    await assert.rejects(ec2.describeInstances({InstanceIds: [id]}), code('InvalidInstanceID.NotFound'));
  });
});
