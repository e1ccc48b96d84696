/** Volumes and the instances that they are attached to. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {code, labFor} from './lab-client.ts';

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
