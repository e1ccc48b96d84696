/** Key pairs: their names are unique at every moment, which makes one a lock. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {code, FLEET, labFor} from './lab-client.ts';

const PublicKeyMaterial = Buffer.from(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvsVLD1VbKgWZPjbOYoVCbhVkuGXDPGKdiE9DvNhtvv lock',
);

describe('the name of a key pair', () => {
  test('is given to one of many that ask for it at once, in each region', async (t) => {
    const client = await labFor(t);
    const take = (region: string) => client.in(region).importKeyPair({KeyName: 'lock', PublicKeyMaterial});
    const results = await Promise.allSettled(Array.from({length: 20}, () => take('eu-west-1')));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.name] : []));
    assert.deepEqual(refusals, Array(19).fill('InvalidKeyPair.Duplicate'));
    await take('us-east-1');
  });

  test('is taken before the pair can be seen', async (t) => {
    const timing = {...FLEET.timing, eventual_consistency_seconds: 1e6};
    const {ec2} = await labFor(t, {fleet: {...FLEET, timing}});
    await ec2.importKeyPair({KeyName: 'lock', PublicKeyMaterial});
    assert.deepEqual((await ec2.describeKeyPairs({})).KeyPairs, []);
    await assert.rejects(
      ec2.importKeyPair({KeyName: 'lock', PublicKeyMaterial}),
      code('InvalidKeyPair.Duplicate'),
    );
  });

  test('is free again when the pair of this id is deleted, and not when one of its forerunners is', async (t) => {
    const {ec2} = await labFor(t);
    const take = () => ec2.importKeyPair({KeyName: 'lock', PublicKeyMaterial});
    const {KeyPairId} = await take();
    await ec2.deleteKeyPair({KeyPairId});
    await take();
    await assert.rejects(ec2.deleteKeyPair({KeyPairId}), code('InvalidKeyPair.NotFound'));
    await assert.rejects(take(), code('InvalidKeyPair.Duplicate'));
  });

  test('is not longer than EC2 takes', async (t) => {
    const {ec2} = await labFor(t);
    await assert.rejects(
      ec2.importKeyPair({KeyName: 'k'.repeat(256), PublicKeyMaterial}),
      code('InvalidParameterValue'),
    );
  });
});

describe('the tags of a key pair', () => {
  test('are set when it is made and later, and find it', async (t) => {
    const {ec2} = await labFor(t);
    const Tags = [{Key: 'ftask:lock', Value: 'vol-1'}];
    const {KeyPairId = ''} = await ec2.importKeyPair({
      KeyName: 'lock',
      PublicKeyMaterial,
      TagSpecifications: [{ResourceType: 'key-pair', Tags}],
    });
    await ec2.importKeyPair({KeyName: 'other', PublicKeyMaterial});
    await ec2.createTags({Resources: [KeyPairId], Tags: [{Key: 'ftask:expires', Value: 'soon'}]});
    const {KeyPairs} = await ec2.describeKeyPairs({Filters: [{Name: 'tag-key', Values: ['ftask:lock']}]});
    assert.deepEqual(
      KeyPairs?.map((pair) => [pair.KeyPairId, pair.Tags]),
      [[KeyPairId, [...Tags, {Key: 'ftask:expires', Value: 'soon'}]]],
    );
  });
});
