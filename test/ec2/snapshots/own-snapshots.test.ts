/** Listing one's own snapshots. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Region, SnapshotId} from '../../../src/ec2/ids.ts';
import {ownSnapshots, snapshotsById} from '../../../src/ec2/snapshots/own-snapshots.ts';
import {ec2Of, labFor, QUICK} from '../../lab/lab-client.ts';

const EU = 'eu-west-1' as Region;
const FLEET = {
  ...QUICK,
  regions: {[EU]: {instances: {web: {volumes: {'/dev/xvda': 8}}}}},
  history: [{every: {'1h': '10d'}}],
};

describe('own snapshots', () => {
  test('can be asked for by more ids than one filter takes', async (t) => {
    const {lab} = await labFor(t, {fleet: FLEET});
    const ec2 = ec2Of(t, lab);
    const ids = (await ownSnapshots(ec2, EU)).map(({id}) => id);
    assert.ok(ids.length > 200);
    const found = await snapshotsById(ec2, EU, [...ids, 'snap-0123456789abcdef0' as SnapshotId]);
    assert.deepEqual(found.map(({id}) => id).sort(), [...ids].sort());
    assert.deepEqual(await snapshotsById(ec2, EU, []), []);
  });

  test('stand once in a list, though two pages have them', async (t) => {
    const {lab} = await labFor(t, {fleet: FLEET});
    const ec2 = ec2Of(t, lab);
    const once = await ownSnapshots(ec2, EU);
    let pages = 0;
    const repeating = {
      ...ec2,
      call: (async (region, action, input, ...rest) => {
        const {NextToken: _, ...first} = input as {NextToken?: string};
        const answer = await ec2.call(region, action, first as typeof input, ...rest);
        pages += 1;
        return pages === 1 ? {...answer, NextToken: 'more'} : answer;
      }) as typeof ec2.call,
    };
    assert.deepEqual(await ownSnapshots(repeating, EU), once);
    assert.equal(pages, 2);
  });
});
