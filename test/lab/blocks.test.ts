/** The EBS direct APIs: blocks of snapshots over HTTP, with the SDK that AWS has for them. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {describe, type TestContext, test} from 'node:test';
import {EBS} from '@aws-sdk/client-ebs';
import {code, FLEET, labFor} from './lab-client.ts';

const COPIES = {SourceRegion: 'eu-west-1'};

async function blocksFor(t: TestContext, fleet: object = {}) {
  const client = await labFor(t, {fleet: {...FLEET, ...fleet}});
  const {lab, ec2} = client;
  const ebsIn = (region: string) => {
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    const ebs = new EBS({region, endpoint: lab.url, credentials, maxAttempts: 1});
    t.after(() => ebs.destroy());
    return ebs;
  };
  const {Volumes = []} = await ec2.describeVolumes({});
  const volume = Volumes[0]?.VolumeId;
  const snapshot = async (VolumeId = volume) => {
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId});
    await lab.clock.sleep(2000);
    return SnapshotId;
  };
  const copy = async (SourceSnapshotId: string) => {
    const {SnapshotId = ''} = await client.in('us-east-1').copySnapshot({...COPIES, SourceSnapshotId});
    await lab.clock.sleep(2000);
    return SnapshotId;
  };
  return {...client, ebsIn, ebs: ebsIn('eu-west-1'), volumes: Volumes, snapshot, copy};
}

/** All blocks by their indexes, through all pages. */
async function tokensOf(ebs: EBS, SnapshotId: string, MaxResults?: number): Promise<Map<number, string>> {
  const tokens = new Map<number, string>();
  let NextToken: string | undefined;
  do {
    const page = await ebs.listSnapshotBlocks({SnapshotId, NextToken, ...(MaxResults && {MaxResults})});
    assert.ok((page.Blocks?.length ?? 0) <= (MaxResults ?? 1000));
    for (const {BlockIndex = -1, BlockToken = ''} of page.Blocks ?? []) tokens.set(BlockIndex, BlockToken);
    ({NextToken} = page);
  } while (NextToken);
  return tokens;
}

async function dataOf(ebs: EBS, SnapshotId: string, [BlockIndex, BlockToken]: readonly [number, string]) {
  const {BlockData, Checksum, ChecksumAlgorithm, DataLength} = await ebs.getSnapshotBlock({
    SnapshotId,
    BlockIndex,
    BlockToken,
  });
  const bytes = (await BlockData?.transformToByteArray()) ?? new Uint8Array();
  assert.deepEqual([DataLength, ChecksumAlgorithm], [bytes.length, 'SHA256']);
  return {bytes, checksum: Checksum, isSound: Checksum === sha256(bytes)};
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

describe('the blocks of a snapshot', () => {
  test('are 512 KiB each, with the checksum of their bytes', async (t) => {
    const {ebs, snapshot} = await blocksFor(t);
    const SnapshotId = await snapshot();
    const {BlockSize, VolumeSize, ExpiryTime} = await ebs.listSnapshotBlocks({SnapshotId});
    assert.deepEqual([BlockSize, VolumeSize], [2 ** 19, 8]);
    assert.ok((ExpiryTime?.getTime() ?? 0) > Date.now());
    const [first] = await tokensOf(ebs, SnapshotId);
    assert.ok(first);
    const {bytes, isSound} = await dataOf(ebs, SnapshotId, first);
    assert.deepEqual([bytes.length, isSound], [2 ** 19, true]);
  });

  test('come in pages, in order, each once, from where one wants', async (t) => {
    const {ebs, snapshot, volumes} = await blocksFor(t);
    const SnapshotId = await snapshot(volumes[1]?.VolumeId);
    const [paged, whole] = [await tokensOf(ebs, SnapshotId, 100), await tokensOf(ebs, SnapshotId, 10_000)];
    assert.ok(whole.size > 100);
    assert.deepEqual([...paged.keys()], [...whole.keys()]);
    assert.deepEqual(
      [...whole.keys()],
      [...whole.keys()].sort((a, b) => a - b),
    );
    const StartingBlockIndex = [...whole.keys()][50] ?? 0;
    const {Blocks} = await ebs.listSnapshotBlocks({SnapshotId, StartingBlockIndex});
    assert.equal(Blocks?.[0]?.BlockIndex, StartingBlockIndex);
  });

  test('are those of its source when it is a copy, but for zeros that were written', async (t) => {
    const {ebs, ebsIn, snapshot, copy} = await blocksFor(t);
    const source = await snapshot();
    const replica = await copy(source);
    const us = ebsIn('us-east-1');
    const [here, there] = [await tokensOf(ebs, source), await tokensOf(us, replica)];
    assert.ok(there.size > 0 && there.size < here.size);
    for (const [index, token] of here) {
      const {bytes, checksum} = await dataOf(ebs, source, [index, token]);
      const twin = there.get(index);
      if (twin === undefined) assert.ok(bytes.every((byte) => byte === 0));
      else assert.equal((await dataOf(us, replica, [index, twin])).checksum, checksum);
    }
  });

  test('differ in one bit in a copy with a flaw', async (t) => {
    const faults = [{action: 'CopySnapshot', kind: 'flawed-copy'}];
    const {ebs, ebsIn, snapshot, copy} = await blocksFor(t, {faults});
    const source = await snapshot();
    const replica = await copy(source);
    const here = await tokensOf(ebs, source);
    const us = ebsIn('us-east-1');
    let differing = 0;
    for (const [index, token] of await tokensOf(us, replica)) {
      const {checksum, isSound} = await dataOf(us, replica, [index, token]);
      assert.ok(isSound);
      const original = await dataOf(ebs, source, [index, here.get(index) ?? '']);
      if (original.checksum !== checksum) differing += 1;
    }
    assert.equal(differing, 1);
  });

  test('may arrive other than their checksum says, by a fault', async (t) => {
    const faults = [{action: 'GetSnapshotBlock', kind: 'flawed-block'}];
    const {ebs, snapshot} = await blocksFor(t, {faults});
    const SnapshotId = await snapshot();
    const [first] = await tokensOf(ebs, SnapshotId);
    assert.ok(first);
    assert.equal((await dataOf(ebs, SnapshotId, first)).isSound, false);
  });

  test('are listed where they are others than in an earlier snapshot', async (t) => {
    const {ebs, snapshot, volumes} = await blocksFor(t);
    const [FirstSnapshotId, SecondSnapshotId] = [await snapshot(), await snapshot()];
    const [before, after] = [await tokensOf(ebs, FirstSnapshotId), await tokensOf(ebs, SecondSnapshotId)];
    const {ChangedBlocks = []} = await ebs.listChangedBlocks({FirstSnapshotId, SecondSnapshotId});
    const changed = new Set(ChangedBlocks.map(({BlockIndex}) => BlockIndex));
    assert.ok(changed.size > 0 && changed.size < after.size);
    for (const [index, token] of after) {
      const [one, other] = [
        await dataOf(ebs, FirstSnapshotId, [index, before.get(index) ?? '']),
        await dataOf(ebs, SecondSnapshotId, [index, token]),
      ];
      assert.equal(changed.has(index), one.checksum !== other.checksum);
    }
    const all = await ebs.listChangedBlocks({SecondSnapshotId});
    assert.equal(all.ChangedBlocks?.length, after.size);
    await assert.rejects(
      ebs.listChangedBlocks({FirstSnapshotId: await snapshot(volumes[1]?.VolumeId), SecondSnapshotId}),
      {name: 'ValidationException', Reason: 'UNRELATED_SNAPSHOTS'},
    );
  });
});

describe('the EBS direct APIs refuse', () => {
  test('snapshots that are not there, not complete or have no such id', async (t) => {
    const timing = {...FLEET.timing, snapshot_seconds: [3600, 3600]};
    const {ebs, ec2, volumes} = await blocksFor(t, {timing, clock: {speed: 1}});
    const {SnapshotId = ''} = await ec2.createSnapshot({VolumeId: volumes[0]?.VolumeId});
    const list = (id: string) => ebs.listSnapshotBlocks({SnapshotId: id});
    await assert.rejects(list(SnapshotId), {name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID'});
    await assert.rejects(list('snap-x'), {name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID'});
    await assert.rejects(list('snap-00000000000000000'), {
      name: 'ResourceNotFoundException',
      Reason: 'SNAPSHOT_NOT_FOUND',
    });
  });

  test('tokens of other blocks, other questions, and nobody', async (t) => {
    const {ebs, snapshot, volumes} = await blocksFor(t);
    const [one, other] = [await snapshot(volumes[1]?.VolumeId), await snapshot(volumes[1]?.VolumeId)];
    const [[index, token] = [0, ''], [second] = [0]] = [...(await tokensOf(ebs, one))];
    const get = (SnapshotId: string, BlockIndex: number, BlockToken: string) =>
      ebs.getSnapshotBlock({SnapshotId, BlockIndex, BlockToken});
    const wrongToken = {name: 'ValidationException', Reason: 'INVALID_BLOCK_TOKEN'};
    await assert.rejects(get(other, index, token), wrongToken);
    await assert.rejects(get(one, second, token), wrongToken);
    await assert.rejects(get(one, index, 'AAAA'), wrongToken);
    const {NextToken} = await ebs.listSnapshotBlocks({SnapshotId: one, MaxResults: 100});
    assert.ok(NextToken);
    await assert.rejects(ebs.listSnapshotBlocks({SnapshotId: other, NextToken}), {
      name: 'ValidationException',
      Reason: 'INVALID_PAGE_TOKEN',
    });
  });

  test('tokens of last week', async (t) => {
    const {ebs, snapshot, lab} = await blocksFor(t, {clock: {speed: 1e6}});
    const SnapshotId = await snapshot();
    const [[BlockIndex, BlockToken] = [0, '']] = await tokensOf(ebs, SnapshotId);
    await lab.clock.sleep(8 * 24 * 3_600_000);
    await assert.rejects(ebs.getSnapshotBlock({SnapshotId, BlockIndex, BlockToken}), {
      Reason: 'INVALID_BLOCK_TOKEN',
    });
  });

  test('too many results at once, and gives no less than 100', async (t) => {
    const {ebs, snapshot, volumes} = await blocksFor(t);
    const SnapshotId = await snapshot(volumes[1]?.VolumeId);
    await assert.rejects(ebs.listSnapshotBlocks({SnapshotId, MaxResults: 10_001}), {
      name: 'ValidationException',
      Reason: 'INVALID_PARAMETER_VALUE',
    });
    assert.equal((await ebs.listSnapshotBlocks({SnapshotId, MaxResults: 5})).Blocks?.length, 100);
  });

  test('more requests than there are tokens, and those of a region that is not opted in', async (t) => {
    const {ebs, ebsIn, snapshot} = await blocksFor(t, {throttling: true, clock: {speed: 1}});
    await assert.rejects(ebsIn('ap-southeast-4').listSnapshotBlocks({SnapshotId: 'snap-x'}), {
      name: 'UnrecognizedClientException',
    });
    const SnapshotId = await snapshot();
    const results = await Promise.allSettled(
      Array.from({length: 100}, () => ebs.listSnapshotBlocks({SnapshotId})),
    );
    const names = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.name] : []));
    assert.ok(names.includes('RequestThrottledException'));
  });

  test('what a policy forbids, and what is signed for another service', async (t) => {
    const faults = [
      {action: 'ListSnapshotBlocks', kind: 'error', code: 'AccessDeniedException', message: 'no'},
    ];
    const {ebs, lab} = await blocksFor(t, {faults});
    await assert.rejects(ebs.listSnapshotBlocks({SnapshotId: 'snap-x'}), code('AccessDeniedException'));
    const scope = 'Credential=AKIA/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host';
    const headers = {
      'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
      authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=${'0'.repeat(64)}`,
    };
    const answer = await fetch(`${lab.url}/snapshots/snap-x/blocks`, {headers});
    assert.deepEqual(
      [answer.status, answer.headers.get('x-amzn-errortype')],
      [403, 'UnrecognizedClientException'],
    );
  });
});
