/** A lab for tests of temporary things, with ftask's own client and a view of all that there is. */
import type {TestContext} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import type {InstanceId, Region} from '../../../src/ec2/ids.ts';
import type {ScratchOptions} from '../../../src/ec2/scratch/scratch.ts';
import {type TaggedThing, temporaryThings} from '../../../src/ec2/scratch/things.ts';
import {Secret} from '../../../src/secret.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {ec2Of, labFor} from '../../lab/lab-client.ts';

export const REGION = 'eu-west-1' as Region;
const RUN = '20261121T043012Z-7f3a9c';

/** Delays as on AWS, a hundred times as fast. */
const FLEET = {
  clock: {speed: 100},
  timing: {
    snapshot_seconds: [1, 1],
    state_change_seconds: 8,
    attach_seconds: 3,
    eventual_consistency_seconds: 4,
  },
  throttling: false,
  regions: {'eu-west-1': {instances: {web: {volumes: {'/dev/xvda': 8, '/dev/sdf': 20}}}}},
};

export interface TestLab {
  readonly ec2: Ec2;
  /** The one instance that was there before. */
  readonly web: InstanceId;
  /** All that is tagged as temporary. */
  things(): Promise<readonly TaggedThing[]>;
  /** Sets what goes wrong from now on. */
  fail(...faults: readonly object[]): Promise<void>;
  /** Names of the calls so far. */
  calls(): Promise<readonly string[]>;
  /** What a scratch is made with, for a run of its own. */
  options(more?: Partial<ScratchOptions>): ScratchOptions;
}

/** Starts a lab that ends with the test. */
export async function scratchLab(t: TestContext): Promise<TestLab> {
  const {lab} = await labFor(t, {fleet: FLEET});
  const ec2 = ec2Of(t, lab);
  const {Reservations = []} = await ec2.call(REGION, 'DescribeInstances', {});
  return {
    ec2,
    web: Reservations[0]?.Instances?.[0]?.InstanceId as InstanceId,
    things: () => temporaryThings({ec2, region: REGION}),
    fail: async (...faults) => {
      await fetch(`${lab.url}/_lab/calls`, {method: 'DELETE'});
      const answer = await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body: JSON.stringify(faults)});
      if (!answer.ok) throw new Error(await answer.text());
    },
    calls: async () => {
      const answer = await fetch(`${lab.url}/_lab/calls`);
      const {calls} = (await answer.json()) as {readonly calls: readonly {readonly action: string}[]};
      return calls.map(({action}) => action);
    },
    options: (more = {}) => ({
      run: RUN,
      expiryMs: 15 * 60_000,
      signal: new AbortController().signal,
      undo: {push: (_what, back) => ({run: back})},
      say: () => {},
      warn: () => {},
      ...more,
    }),
  };
}

/** An instance as a task asks for it. */
export const INSTANCE = {
  publicKey: makeKeyPair('test').publicKey,
  userData: new Secret('#cloud-config\n'),
  type: 't3.micro',
  openTo: ['203.0.113.7/32'],
};
