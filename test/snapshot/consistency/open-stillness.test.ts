/** How an instance is held still that does not run. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import type {InstanceId, Region} from '../../../src/ec2/ids.ts';
import {findInstance} from '../../../src/ec2/instances.ts';
import {FtaskError} from '../../../src/errors.ts';
import {openStillness} from '../../../src/snapshot/consistency/open-stillness.ts';
import type {StillScene} from '../../../src/snapshot/consistency/stillness.ts';
import {failureOf} from '../../host/failure-of.ts';
import {ec2Of, labFor, QUICK} from '../../lab/lab-client.ts';

const region = 'eu-west-1' as Region;

/** A stopped instance, and what AWS gives as the reason for that. */
async function sceneOf(t: TestContext, reason: string, bestEffort = false): Promise<StillScene> {
  const instances = {web: {state: 'stopped', volumes: {'/dev/xvda': 8}}};
  const {lab, ec2: sdk} = await labFor(t, {fleet: {...QUICK, regions: {[region]: {instances}}}});
  const ec2 = stoppedFor(reason, ec2Of(t, lab));
  const {Reservations = []} = await sdk.describeInstances();
  const id = Reservations[0]?.Instances?.[0]?.InstanceId as InstanceId;
  const instance = await findInstance(ec2, region, id);
  assert.ok(instance);
  const volumes = instance.volumes.map((volume) => ({...volume, sizeGiB: 8, tags: {}, attachedTo: [id]}));
  return {
    ec2,
    region,
    set: {instance, volumes, excludeBoot: false, excludeVolumes: []},
    request: {
      freezeTimeoutMs: 10_000,
      freezeRoot: false,
      bestEffort,
      before: [],
      after: [],
      hostOf: () => assert.fail('there is nobody to be reached'),
    },
    signal: new AbortController().signal,
    progress: {note: () => {}, warn: () => {}},
    say: () => {},
  };
}

function stoppedFor(Code: string, ec2: Ec2): Ec2 {
  return {
    ...ec2,
    call: async (where, action, input, signal) => {
      const answer = await ec2.call(where, action, input, signal);
      const {Reservations = []} = answer as Awaited<ReturnType<typeof ec2.call<'DescribeInstances'>>>;
      for (const {Instances = []} of Reservations)
        for (const instance of Instances) instance.StateReason = {Code};
      return answer;
    },
  };
}

describe('an instance that does not run', () => {
  test('is still when it was shut down', async (t) => {
    const still = await openStillness(await sceneOf(t, 'Client.UserInitiatedShutdown'));
    const {levels, shortfalls} = await still.reached();
    assert.deepEqual([...levels.values(), ...shortfalls], ['frozen']);
  });

  test('is not when it is hibernated, since its filesystems are mounted', async (t) => {
    const error = await failureOf(openStillness(await sceneOf(t, 'Client.UserInitiatedHibernate')));
    assert.ok(error instanceof FtaskError);
    assert.equal(error.message, 'it is hibernated: neither stopped, nor running to be frozen');
  });

  test('is as it is with best effort, and nobody tries to reach it', async (t) => {
    const still = await openStillness(await sceneOf(t, 'Client.UserInitiatedHibernate', true));
    const {levels, shortfalls} = await still.reached();
    assert.equal(levels.size, 0);
    assert.deepEqual(shortfalls, ['it is hibernated: neither stopped, nor running to be frozen']);
  });
});
