/**
 * EC2's token buckets, one for each account, region and action, and the quotas of the EBS direct APIs.
 * Sources: "Request throttling for the Amazon EC2 API" in the EC2 developer guide; "Amazon EBS endpoints and quotas".
 */

export interface Bucket {
  /** Tokens it holds when full: requests at once. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

const MUTATING: Bucket = {burst: 50, perSecond: 5};
const NON_MUTATING: Bucket = {burst: 100, perSecond: 20};

const BUCKETS: Readonly<Record<string, Bucket>> = {
  GetSnapshotBlock: {burst: 1000, perSecond: 1000},
  ListSnapshotBlocks: {burst: 50, perSecond: 50},
  CreateSnapshot: {burst: 100, perSecond: 5},
  CreateSnapshots: {burst: 100, perSecond: 5},
  DeleteSnapshot: {burst: 100, perSecond: 5},
  ModifySnapshotAttribute: {burst: 100, perSecond: 5},
  CreateTags: {burst: 100, perSecond: 10},
  DeleteTags: {burst: 100, perSecond: 10},
  CreateVolume: {burst: 100, perSecond: 5},
  DeleteVolume: {burst: 100, perSecond: 5},
  DeregisterImage: {burst: 100, perSecond: 5},
  CopyImage: {burst: 100, perSecond: 1},
  RunInstances: {burst: 5, perSecond: 2},
  StartInstances: {burst: 5, perSecond: 2},
  TerminateInstances: {burst: 100, perSecond: 5},
  StopInstances: {burst: 50, perSecond: 5},
};

/** The bucket of an action; those without a row of their own have their category's. */
export function bucketOf(action: string): Bucket {
  return BUCKETS[action] ?? (/^(Describe|Get|List)/.test(action) ? NON_MUTATING : MUTATING);
}
