/** KMS's DescribeKey, and copies that are encrypted with what it describes. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {KMS} from '@aws-sdk/client-kms';
import {code, FLEET, labFor} from './lab-client.ts';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ACCOUNT = '123456789012';
const ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${ID}`;
const FAR_ARN = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${ID}`;

const kms_keys = [
  ARN,
  'alias/backup',
  {name: 'alias/old', region: 'us-east-1', state: 'Disabled'},
  {name: 'alias/signing', symmetric: false},
];

async function keysFor(t: TestContext, fleet: object = {}) {
  const client = await labFor(t, {fleet: {...FLEET, kms_keys, ...fleet}});
  const kmsIn = (region: string) => {
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    const kms = new KMS({region, endpoint: client.lab.url, credentials, maxAttempts: 1});
    t.after(() => kms.destroy());
    return kms;
  };
  return {...client, kmsIn, kms: kmsIn('us-east-1')};
}

describe('a key', () => {
  test('is known by id, ARN, alias and the ARN of its alias', async (t) => {
    const {kms} = await keysFor(t);
    for (const KeyId of [ID, ARN]) {
      const {KeyMetadata: key} = await kms.describeKey({KeyId});
      assert.deepEqual(
        [key?.Arn, key?.KeyId, key?.Enabled, key?.KeyState, key?.KeySpec, key?.KeyManager],
        [ARN, ID, true, 'Enabled', 'SYMMETRIC_DEFAULT', 'CUSTOMER'],
      );
    }
    const byAlias = await kms.describeKey({KeyId: 'alias/backup'});
    const byArn = await kms.describeKey({KeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/backup`});
    assert.equal(byAlias.KeyMetadata?.Arn, byArn.KeyMetadata?.Arn);
    const own = await kms.describeKey({KeyId: 'alias/aws/ebs'});
    assert.equal(own.KeyMetadata?.KeyManager, 'AWS');
  });

  test('tells whether it can encrypt', async (t) => {
    const {kms} = await keysFor(t);
    const old = (await kms.describeKey({KeyId: 'alias/old'})).KeyMetadata;
    assert.deepEqual([old?.Enabled, old?.KeyState], [false, 'Disabled']);
    const signing = (await kms.describeKey({KeyId: 'alias/signing'})).KeyMetadata;
    assert.deepEqual([signing?.Enabled, signing?.KeySpec], [true, 'RSA_2048']);
  });

  test('is not found in another region, or when there is none', async (t) => {
    const {kms, kmsIn} = await keysFor(t);
    const refusals = [
      [FAR_ARN, 'NotFoundException', 'Invalid arn eu-west-1'],
      [
        'alias/nobody',
        'NotFoundException',
        `Alias arn:aws:kms:us-east-1:${ACCOUNT}:alias/nobody is not found.`,
      ],
      [
        ID.replace('1234', '0000'),
        'NotFoundException',
        `Key '${ARN.replace('key/1234', 'key/0000')}' does not exist`,
      ],
      ['backup', 'NotFoundException', "Invalid keyId 'backup'"],
      ['arn:aws:kms:us-east-1:key', 'InvalidArnException', 'Invalid arn arn:aws:kms:us-east-1:key'],
    ] as const;
    for (const [KeyId, name, message] of refusals) {
      await assert.rejects(kms.describeKey({KeyId}), {name, message});
    }
    await assert.rejects(kmsIn('eu-west-1').describeKey({KeyId: 'alias/old'}), code('NotFoundException'));
    await assert.rejects(
      kmsIn('ap-southeast-4').describeKey({KeyId: ID}),
      code('UnrecognizedClientException'),
    );
    await assert.rejects(kms.describeKey({KeyId: ''}), code('ValidationException'));
    await assert.rejects(kms.listKeys(), code('UnknownOperationException'));
  });

  test('may be forbidden to describe', async (t) => {
    const faults = [{action: 'DescribeKey', kind: 'error', code: 'AccessDeniedException', message: 'no'}];
    const {kms} = await keysFor(t, {faults});
    await assert.rejects(kms.describeKey({KeyId: ID}), {name: 'AccessDeniedException', message: 'no'});
  });
});

describe('an encrypted copy', () => {
  const copies = [
    ['alias/backup', 'completed'],
    [ARN, 'completed'],
    ['alias/aws/ebs', 'completed'],
    ['alias/old', 'error'],
    ['alias/signing', 'error'],
    [FAR_ARN, 'error'],
  ] as const;
  for (const [KmsKeyId, state] of copies) {
    test(`ends in ${state} with the key ${KmsKeyId}`, async (t) => {
      const client = await keysFor(t);
      const {ec2, lab} = client;
      const us = client.in('us-east-1');
      const {Volumes} = await ec2.describeVolumes({});
      const made = await ec2.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
      await lab.clock.sleep(3000);
      const {SnapshotId = ''} = await us.copySnapshot({
        SourceRegion: 'eu-west-1',
        SourceSnapshotId: made.SnapshotId,
        Encrypted: true,
        KmsKeyId,
      });
      await lab.clock.sleep(3000);
      const {Snapshots} = await us.describeSnapshots({SnapshotIds: [SnapshotId]});
      assert.deepEqual([Snapshots?.[0]?.State, Snapshots?.[0]?.Encrypted], [state, true]);
      assert.match(Snapshots?.[0]?.KmsKeyId ?? '', /^(arn:aws:kms:)/);
    });
  }
});
