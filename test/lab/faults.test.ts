/** Injected faults do what they say, and the log of calls tells of them. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {type Client, code, labFor} from './lab-client.ts';

async function inject({lab}: Client, rules: object[]): Promise<number> {
  const response = await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body: JSON.stringify(rules)});
  return response.status;
}

async function volumeIn({ec2}: Client): Promise<string | undefined> {
  return (await ec2.describeVolumes({})).Volumes?.[0]?.VolumeId;
}

async function ownCount({ec2}: Client): Promise<number | undefined> {
  return (await ec2.describeSnapshots({OwnerIds: ['self']})).Snapshots?.length;
}

describe('a fault', () => {
  test('loses the answer after the deed, or the request before it', async (t) => {
    const client = await labFor(t);
    const VolumeId = await volumeIn(client);
    await inject(client, [{action: 'CreateSnapshot', nth: 1, kind: 'lost-answer'}]);
    await assert.rejects(client.ec2.createSnapshot({VolumeId}), {code: 'ECONNRESET'});
    assert.equal(await ownCount(client), 1);
    await inject(client, [{action: 'CreateSnapshot', nth: 1, kind: 'lost-request'}]);
    await assert.rejects(client.ec2.createSnapshot({VolumeId}), {code: 'ECONNRESET'});
    assert.equal(await ownCount(client), 1);
    await client.ec2.createSnapshot({VolumeId});
    assert.equal(await ownCount(client), 2);
  });

  test('answers with an error, a throttle or a page of a proxy', async (t) => {
    const client = await labFor(t);
    const call = () => client.ec2.describeRegions({});
    await inject(client, [{kind: 'error', code: 'Unavailable', status: 503, message: 'busy'}]);
    await assert.rejects(call(), {name: 'Unavailable', message: 'busy'});
    await inject(client, [{kind: 'throttle', region: 'eu-west-1'}]);
    await assert.rejects(call(), code('RequestLimitExceeded'));
    await client.in('us-east-1').describeRegions({});
    await inject(client, [{kind: 'html'}]);
    await assert.rejects(call());
    await inject(client, []);
    await call();
  });

  test('strikes the same calls for the same seed', async (t) => {
    const client = await labFor(t);
    const pattern = async () => {
      await inject(client, [{probability: 0.5, seed: 3, kind: 'throttle'}]);
      const struck: boolean[] = [];
      for (let call = 0; call < 20; call++) {
        struck.push(
          await client.ec2.describeRegions({}).then(
            () => false,
            () => true,
          ),
        );
      }
      return struck;
    };
    const first = await pattern();
    assert.ok(first.includes(true) && first.includes(false));
    assert.deepEqual(await pattern(), first);
  });

  test('ends all members of a set in error with its message', async (t) => {
    const client = await labFor(t);
    const {Reservations} = await client.ec2.describeInstances({
      Filters: [{Name: 'tag:Role', Values: ['web']}],
    });
    const InstanceId = Reservations?.[0]?.Instances?.[0]?.InstanceId;
    await inject(client, [{action: 'CreateSnapshots', kind: 'snapshot-error', message: 'disk on fire'}]);
    await client.ec2.createSnapshots({InstanceSpecification: {InstanceId}});
    await client.lab.clock.sleep(3000);
    const {Snapshots = []} = await client.ec2.describeSnapshots({OwnerIds: ['self']});
    assert.deepEqual(
      Snapshots.map(({State, StateMessage}) => [State, StateMessage]),
      [
        ['error', 'disk on fire'],
        ['error', 'disk on fire'],
      ],
    );
  });

  test('is refused when it is not one, and every call is logged', async (t) => {
    const client = await labFor(t);
    assert.equal(await inject(client, [{kind: 'meteor'}]), 400);
    await client.ec2.createSnapshot({VolumeId: await volumeIn(client), DryRun: true}).catch(() => {});
    const url = `${client.lab.url}/_lab/calls`;
    const {calls, counts} = (await (await fetch(url)).json()) as {calls: {action: string}[]; counts: object};
    assert.deepEqual(
      calls.map(({action}) => action),
      ['DescribeVolumes', 'CreateSnapshot'],
    );
    assert.deepEqual(counts, {DescribeVolumes: {OK: 1}, CreateSnapshot: {DryRunOperation: 1}});
    await fetch(url, {method: 'DELETE'});
    assert.deepEqual(await (await fetch(url)).json(), {calls: [], counts: {}});
  });
});
