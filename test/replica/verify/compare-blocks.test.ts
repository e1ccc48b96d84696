/** A copy is compared with its source by their blocks. */
import assert from 'node:assert/strict';
import {after, before, describe, type TestContext, test} from 'node:test';
import fc from 'fast-check';
import type {Region, SnapshotId} from '../../../src/ec2/ids.ts';
import {type CompareRequest, compareBlocks} from '../../../src/replica/verify/compare-blocks.ts';
import {ec2Of, FLEET, labFor} from '../../lab/lab-client.ts';
import {type BlockServer, blockServer} from './block-server.ts';

const BLOCK = 64;
const [here, there] = ['eu-west-1', 'us-east-1'] as [Region, Region];
const SOURCE = {region: here, id: 'snap-1' as SnapshotId};
const COPY = {region: there, id: 'snap-2' as SnapshotId};
const ZEROS = Buffer.alloc(BLOCK);

type Blocks = ReadonlyMap<number, Buffer>;

const someBlocks: fc.Arbitrary<Blocks> = fc
  .uniqueArray(fc.tuple(fc.nat(1000), fc.uint8Array({minLength: BLOCK, maxLength: BLOCK})), {
    selector: ([index]) => index,
    minLength: 1,
    maxLength: 30,
  })
  .map((entries) => new Map(entries.map(([index, bytes]) => [index, Buffer.from(bytes)])));

const RUNS = {numRuns: 60};

describe('comparing blocks', () => {
  let server: BlockServer;
  before(async () => {
    server = await blockServer();
  });
  after(() => server.close());

  const compare = (source: Blocks, copy: Blocks, request: Partial<CompareRequest> = {}) => {
    server.serve({[SOURCE.id]: source, [COPY.id]: copy}, 7);
    return compareBlocks(server.ec2, {source: SOURCE, copy: COPY, percent: 100, seed: 'run', ...request});
  };

  test('finds all the same in the same blocks, of which it has read all', async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, async (blocks) => {
        assert.deepEqual(await compare(blocks, blocks), {blocks: blocks.size, bytes: blocks.size * BLOCK});
        assert.equal(server.reads.length, 2 * blocks.size);
      }),
      RUNS,
    );
  });

  test('finds any bit that is another, and where', async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, fc.nat(), fc.nat(BLOCK * 8 - 1), async (blocks, which, bit) => {
        const index = [...blocks.keys()][which % blocks.size] ?? 0;
        const flipped = Buffer.from(blocks.get(index) ?? ZEROS);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const {difference} = await compare(blocks, new Map([...blocks, [index, flipped]]));
        assert.equal(difference, index);
      }),
      RUNS,
    );
  });

  test('takes a block that one side does not have for zeros', async () => {
    await fc.assert(
      fc.asyncProperty(
        someBlocks,
        fc.uniqueArray(fc.integer({min: 1001, max: 2000}), {minLength: 1, maxLength: 10}),
        fc.boolean(),
        async (blocks, empty, isSource) => {
          const more = new Map([...blocks, ...empty.map((index) => [index, ZEROS] as const)]);
          const {blocks: compared, difference} = await (isSource
            ? compare(more, blocks)
            : compare(blocks, more));
          assert.deepEqual([compared, difference], [more.size, undefined]);
        },
      ),
      RUNS,
    );
  });

  test('finds a block that one side does not have and that is no zeros', async () => {
    await fc.assert(
      fc.asyncProperty(someBlocks, fc.nat(), fc.boolean(), async (blocks, which, isSource) => {
        const index = [...blocks.keys()][which % blocks.size] ?? 0;
        const full = new Map([...blocks, [index, Buffer.alloc(BLOCK, 1)]]);
        const less = new Map([...full].filter(([other]) => other !== index));
        const {difference} = await (isSource ? compare(full, less) : compare(less, full));
        assert.equal(difference, index);
      }),
      RUNS,
    );
  });

  test('names the first of several differences', async () => {
    const blocks = new Map(Array.from({length: 50}, (_, index) => [index, ZEROS] as const));
    const other = new Map([...blocks, [40, Buffer.alloc(BLOCK, 1)], [30, Buffer.alloc(BLOCK, 1)]]);
    assert.equal((await compare(blocks, other)).difference, 30);
  });

  test('looks at a part of the blocks when asked to, the same one for the same seed', async () => {
    const blocks = new Map(Array.from({length: 900}, (_, index) => [index, ZEROS] as const));
    const readsOf = async (seed: string) => {
      const {blocks: compared} = await compare(blocks, blocks, {percent: 10, seed});
      assert.ok(compared > 50 && compared < 150);
      assert.equal(server.reads.length, 2 * compared);
      return [...server.reads].sort();
    };
    const first = await readsOf('one');
    assert.deepEqual(await readsOf('one'), first);
    assert.notDeepEqual(await readsOf('other'), first);
  });

  test('has nothing to compare when neither side was ever written', async () => {
    assert.deepEqual(await compare(new Map(), new Map()), {blocks: 0, bytes: 0});
  });
});

async function copied(t: TestContext, faults: readonly object[] = [], copyOptions: object = {}) {
  const client = await labFor(t, {fleet: {...FLEET, faults}});
  const {lab, ec2: sdk} = client;
  const {Volumes} = await sdk.describeVolumes({});
  const {SnapshotId: source} = await sdk.createSnapshot({VolumeId: Volumes?.[0]?.VolumeId});
  await lab.clock.sleep(3000);
  const request = {SourceRegion: here, SourceSnapshotId: source, ...copyOptions};
  const {SnapshotId: copy} = await client.in(there).copySnapshot(request);
  await lab.clock.sleep(3000);
  return {
    ec2: ec2Of(t, lab),
    request: {
      source: {region: here, id: source as SnapshotId},
      copy: {region: there, id: copy as SnapshotId},
      percent: 100,
      seed: 'run',
    },
  };
}

describe('a copy that EC2 made', () => {
  test('is the same, zeros or not, and encrypted or not', async (t) => {
    const {ec2, request} = await copied(t, [], {Encrypted: true});
    const {blocks, bytes, difference} = await compareBlocks(ec2, request);
    assert.equal(difference, undefined);
    assert.ok(blocks > 0 && bytes === blocks * 2 ** 19);
  });

  test('is not the same when a bit of it is another', async (t) => {
    const {ec2, request} = await copied(t, [{action: 'CopySnapshot', kind: 'flawed-copy'}]);
    assert.notEqual((await compareBlocks(ec2, request)).difference, undefined);
  });

  test('is read again where a block came damaged or not at all', async (t) => {
    const {ec2, request} = await copied(t, [
      {action: 'GetSnapshotBlock', nth: [2, 5], kind: 'flawed-block'},
      {action: 'GetSnapshotBlock', nth: [3, 9], kind: 'lost-answer'},
      {action: 'ListSnapshotBlocks', nth: 1, kind: 'throttle'},
    ]);
    assert.equal((await compareBlocks(ec2, request)).difference, undefined);
  });

  test('is not called the same when no block arrives as it was sent', async (t) => {
    const {ec2, request} = await copied(t, [{action: 'GetSnapshotBlock', kind: 'flawed-block'}]);
    await assert.rejects(compareBlocks(ec2, request), {
      code: 'DamagedBlock',
      message: /^block \d+ of snap-\w+ in \w+-\w+-1 does not arrive as its checksum says$/,
    });
  });

  test('needs the right to read blocks, which is named', async (t) => {
    const faults = [
      {action: 'ListSnapshotBlocks', kind: 'error', code: 'AccessDeniedException', message: 'no'},
    ];
    const {ec2, request} = await copied(t, faults);
    await assert.rejects(compareBlocks(ec2, request), {
      name: 'NotPermittedError',
      message: 'not permitted: ebs:ListSnapshotBlocks in eu-west-1',
    });
  });
});
