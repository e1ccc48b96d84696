/**
 * AWS's token buckets, one a region and action: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html,
 * https://docs.aws.amazon.com/general/latest/gr/ebs-service.html and
 * https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
 */
import {ApiError} from '../wire/api-error.ts';

interface Bucket {
  readonly burst: number;
  /** Tokens a second. */
  readonly refill: number;
}

const NON_MUTATING: Bucket = {burst: 100, refill: 20};
const UNFILTERED: Bucket = {burst: 50, refill: 10};
const MUTATING: Bucket = {burst: 50, refill: 5};

const BY_ACTION: Readonly<Record<string, Bucket>> = {
  AuthorizeSecurityGroupIngress: {burst: 100, refill: 5},
  CreateImage: {burst: 100, refill: 5},
  CreateKeyPair: {burst: 100, refill: 5},
  CreateSecurityGroup: {burst: 100, refill: 5},
  CreateSnapshot: {burst: 100, refill: 5},
  CreateSnapshots: {burst: 100, refill: 5},
  CreateTags: {burst: 100, refill: 10},
  CreateVolume: {burst: 100, refill: 5},
  DeleteKeyPair: {burst: 100, refill: 5},
  DeleteSecurityGroup: {burst: 100, refill: 5},
  DeleteSnapshot: {burst: 100, refill: 5},
  DeleteTags: {burst: 100, refill: 10},
  DeleteVolume: {burst: 100, refill: 5},
  DescribeKey: {burst: 2000, refill: 2000},
  DeregisterImage: {burst: 100, refill: 5},
  GetSnapshotBlock: {burst: 1000, refill: 1000},
  ListChangedBlocks: {burst: 50, refill: 50},
  ListSnapshotBlocks: {burst: 50, refill: 50},
  ModifySnapshotAttribute: {burst: 100, refill: 5},
  RunInstances: {burst: 5, refill: 2},
  StartInstances: {burst: 5, refill: 2},
  StopInstances: {burst: 50, refill: 5},
  TerminateInstances: {burst: 100, refill: 5},
};

/** The actions that AWS serves from a smaller bucket when nothing narrows what they describe. */
const SUSCEPTIBLE = new Set([
  'DescribeImages',
  'DescribeInstances',
  'DescribeSnapshots',
  'DescribeTags',
  'DescribeVolumes',
]);

/** Counts the requests of one account, in the lab's time. */
export class Throttle {
  readonly #levels = new Map<string, {tokens: number; at: number}>();
  readonly #isOn: boolean;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Takes a token. @throws ApiError RequestLimitExceeded when there is none */
  take(region: string, action: string, parameters: URLSearchParams, now: number): void {
    if (!this.#isOn) return;
    const isUnfiltered = SUSCEPTIBLE.has(action) && !isNarrowed(parameters);
    const {burst, refill} = isUnfiltered ? UNFILTERED : bucketOf(action);
    const key = `${region} ${action}${isUnfiltered ? ' unfiltered' : ''}`;
    const level = this.#levels.get(key) ?? {tokens: burst, at: now};
    const tokens = Math.min(burst, level.tokens + (refill * (now - level.at)) / 1000);
    this.#levels.set(key, {tokens: tokens < 1 ? tokens : tokens - 1, at: now});
    if (tokens < 1) throw new ApiError('RequestLimitExceeded', 'Request limit exceeded.');
  }
}

/** Whether an action changes anything, by AWS's naming. */
export function isMutating(action: string): boolean {
  return !/^(Describe|Get|List)/.test(action);
}

function bucketOf(action: string): Bucket {
  return BY_ACTION[action] ?? (isMutating(action) ? MUTATING : NON_MUTATING);
}

function isNarrowed(parameters: URLSearchParams): boolean {
  return parameters.has('MaxResults') || parameters.has('NextToken') || parameters.has('Filter.1.Name');
}
