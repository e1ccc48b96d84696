/** A small lab of a test's own, and the real SDK pointed at it. */
import type {TestContext} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import {RateLimits} from '../../src/ec2/call/limits.ts';
import {type Ec2, type Ec2Options, openEc2} from '../../src/ec2/client.ts';
import {type Lab, type LabOptions, startLab} from '../../src/lab/lab.ts';

export interface Client {
  readonly lab: Lab;
  readonly ec2: EC2;
  /** A client of another region. */
  in(region: string): EC2;
}

/** No waiting, no throttling, nothing invisible: a test switches on what it is about. */
export const QUICK = {
  clock: {speed: 1000},
  timing: {
    snapshot_seconds: [1, 1],
    copy_seconds: [1, 1],
    state_change_seconds: 0,
    attach_seconds: 0,
    eventual_consistency_seconds: 0,
  },
  quotas: {seconds_between_snapshots_of_a_volume: 0},
  throttling: false,
};

export const FLEET = {
  ...QUICK,
  regions: {
    'eu-west-1': {
      instances: {
        web: {tags: {Role: 'web'}, volumes: {'/dev/xvda': 8, '/dev/sdf': {size: 20, tags: {Mount: '/srv'}}}},
        bare: null,
        gone: {state: 'terminated'},
      },
    },
    'us-east-1': {},
    'ap-southeast-4': {opted_in: false},
  },
};

/** Starts a lab that ends with the test. */
export async function labFor(t: TestContext, options: LabOptions = {fleet: FLEET}): Promise<Client> {
  const lab = await startLab(options);
  t.after(() => lab.close());
  return clientOf(t, lab);
}

/** The SDK, without retries, for a lab that runs. */
export function clientOf(t: TestContext, lab: Lab): Client {
  const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
  const open = (region: string) => {
    const ec2 = new EC2({region, endpoint: lab.url, credentials, maxAttempts: 1});
    t.after(() => ec2.destroy());
    return ec2;
  };
  return {lab, ec2: open('eu-west-1'), in: open};
}

/** Our own client of a lab that runs, within the usual limits; it ends with the test. */
export function ec2Of(t: TestContext, {url, clock}: Lab, options: Partial<Ec2Options> = {}): Ec2 {
  const ec2 = openEc2({
    endpointUrl: url,
    credentials: {accessKeyId: 'LAB', secretAccessKey: 'lab'},
    concurrency: 10,
    clock,
    limits: new RateLimits(options.clock ?? clock),
    onThrottled: () => {},
    ...options,
  });
  t.after(() => ec2.close());
  return ec2;
}

/** An error's code, for `assert.rejects`. */
export function code(name: string): {name: string} {
  return {name};
}
