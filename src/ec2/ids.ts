/** Names of things in EC2, as types that cannot be swapped for one another. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & {readonly [brand]: Name};

export type Region = Branded<'Region'>;
export type InstanceId = Branded<'InstanceId'>;
export type VolumeId = Branded<'VolumeId'>;
export type SnapshotId = Branded<'SnapshotId'>;

/** EC2's ids are a prefix and 8 or 17 hexadecimal digits. */
const INSTANCE_ID = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;
const VOLUME_ID = /^vol-([0-9a-f]{8}|[0-9a-f]{17})$/;
const SNAPSHOT_ID = /^snap-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** Whether a text has the form of an instance id. */
export function isInstanceId(text: string): text is InstanceId {
  return INSTANCE_ID.test(text);
}

/** Whether a text has the form of a volume id. */
export function isVolumeId(text: string): text is VolumeId {
  return VOLUME_ID.test(text);
}

/** Whether a text has the form of a snapshot id. */
export function isSnapshotId(text: string): text is SnapshotId {
  return SNAPSHOT_ID.test(text);
}
