/** The queue of copies into a region, whatever copies take and whoever else copies there. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {Ec2} from '../../../src/ec2/client.ts';
import {Ec2Error} from '../../../src/ec2/errors.ts';
import type {Region, SnapshotId} from '../../../src/ec2/ids.ts';
import {NO_VOLUME} from '../../../src/ec2/snapshots/origin.ts';
import {CopyQueue} from '../../../src/replica/copy/copy-queue.ts';
import {VirtualTime} from './virtual-time.ts';

const EU = 'eu-central-1' as Region;
const SECOND = 1000;

/** A copy at AWS, seconds of the clock. */
interface Copy {
  readonly id: SnapshotId;
  readonly from: number;
  readonly until: number;
}

interface Course {
  readonly limit: number;
  /** How long each of the copies takes. */
  readonly lengths: readonly number[];
  /** How long CopySnapshot takes to answer. */
  readonly latency: number;
  /** How long a new copy is not listed. */
  readonly lag: number;
  /** Copies of others; what there is no room for AWS refuses. */
  readonly others: readonly {readonly from: number; readonly length: number}[];
}

const courses = fc.record({
  limit: fc.integer({min: 1, max: 6}),
  lengths: fc.array(fc.integer({min: 1, max: 90}), {minLength: 1, maxLength: 30}),
  latency: fc.integer({min: 0, max: 3}),
  lag: fc.integer({min: 0, max: 20}),
  others: fc.array(
    fc.record({from: fc.integer({min: 0, max: 300}), length: fc.integer({min: 1, max: 200})}),
    {
      maxLength: 6,
    },
  ),
});

/** Plays a course to its end. */
async function played({limit, lengths, latency, lag, others}: Course) {
  const time = new VirtualTime();
  const now = () => time.now() / SECOND;
  const copies: Copy[] = [];
  const underWay = () => copies.filter(({from, until}) => from <= now() && now() < until);
  let [asked, refused, starting, lookedAt] = [0, 0, 0, -1];
  const begin = (length: number): SnapshotId | undefined => {
    if (underWay().length >= limit) return undefined;
    const id = `snap-${copies.length}` as SnapshotId;
    copies.push({id, from: now(), until: now() + length});
    return id;
  };
  const listed = ({Filters: [filter]}: {Filters: {Name: string; Values: string[]}[]}) => {
    const isPendingOnly = filter?.Name === 'status';
    if (isPendingOnly) lookedAt = now();
    const wanted = isPendingOnly ? underWay() : copies.filter(({id}) => filter?.Values.includes(id));
    const Snapshots = wanted
      .filter(({from}) => now() >= from + lag)
      .map(({id, until}) => ({
        SnapshotId: id,
        VolumeId: NO_VOLUME,
        State: now() < until ? 'pending' : 'completed',
      }));
    return {Snapshots};
  };
  const ec2 = {clock: time, call: async (_: string, __: string, input: never) => listed(input)};
  for (const {from, length} of others) {
    if (from === 0) begin(length);
    else void time.sleep(from * SECOND).then(() => begin(length));
  }
  const queue = new CopyQueue(ec2 as unknown as Ec2, EU, {
    limit,
    intervalMs: 5 * SECOND,
    timeoutMs: 86_400 * SECOND,
    signal: new AbortController().signal,
    note: () => {},
  });
  const order: number[] = [];
  const create = async (index: number): Promise<SnapshotId> => {
    starting += 1;
    try {
      await time.sleep(latency * SECOND);
      asked += 1;
      const id = begin(lengths[index] ?? 1);
      if (id === undefined) {
        refused += 1;
        throw new Ec2Error('ResourceLimitExceeded', 'too many', {action: 'CopySnapshot', region: EU});
      }
      order.push(index);
      return id;
    } finally {
      starting -= 1;
    }
  };
  const idle: string[] = [];
  const ended = Promise.all(
    lengths.map((_, index) =>
      queue.copy(
        () => create(index),
        () => {},
      ),
    ),
  );
  await time.until(ended, () => {
    const waiting = lengths.length - order.length - starting;
    const busy = underWay().length + starting;
    if (lookedAt === now() && waiting > 0 && busy < limit) idle.push(`${busy} of ${limit} at ${now()} s`);
  });
  return {order, asked, refused, idle, states: (await ended).map((copy) => copy?.state)};
}

describe('copies into a region', () => {
  test('all end, begun in their order', async () => {
    await fc.assert(
      fc.asyncProperty(courses, async (course) => {
        const {order, states, asked, refused} = await played({...course, latency: 0});
        const all = course.lengths.map((_, index) => index);
        assert.deepEqual(order, all);
        assert.deepEqual(states, Array(all.length).fill('completed'));
        assert.equal(asked - refused, all.length, 'each once');
      }),
      {
        numRuns: 100,
        includeErrorInReport: true,
        // Two are refused at once.
        examples: [
          [
            {
              limit: 2,
              lengths: [1, 1],
              latency: 0,
              lag: 1,
              others: [
                {from: 0, length: 1},
                {from: 0, length: 1},
              ],
            },
          ],
        ],
      },
    );
  });

  test('are never more than AWS makes, those of others counted', async () => {
    await fc.assert(
      fc.asyncProperty(courses, async (course) => {
        // Those of others are there before; what begins between two looks nobody can know.
        const others = course.others.map(({length}) => ({from: 0, length}));
        const {refused} = await played({...course, lag: 0, others});
        assert.equal(refused, 0);
      }),
      {numRuns: 100, includeErrorInReport: true},
    );
  });

  test('are as many as AWS makes, as long as any waits', async () => {
    await fc.assert(
      fc.asyncProperty(courses, async (course) => {
        const others = course.others.map(({length}) => ({from: 0, length}));
        assert.deepEqual((await played({...course, lag: 0, others})).idle, []);
      }),
      {numRuns: 100, includeErrorInReport: true},
    );
  });
});
