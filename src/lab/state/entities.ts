/** What exists in the lab. Entities are plain values that are replaced, never changed; times are lab milliseconds. */

export type Tags = Readonly<Record<string, string>>;

export interface Entity {
  readonly id: string;
  readonly region: string;
  readonly owner: string;
  readonly tags: Tags;
  readonly createdAt: number;
  /** Until then Describe does not show it: EC2 is eventually consistent. */
  readonly visibleAt: number;
}

/** A state that becomes another by the passing of time, with nothing having to run for it. */
export interface Transition<S extends string> {
  readonly before: S;
  readonly at: number;
  readonly after: S;
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance extends Entity {
  readonly state: Transition<InstanceState>;
  readonly reservationId: string;
  readonly type: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly imageId: string;
  readonly zone: string;
  readonly rootDevice: string;
  /** False for an instance that lives on instance store only. */
  readonly isEbs: boolean;
  readonly privateIp: string;
  readonly publicIp?: string | undefined;
  readonly keyName?: string | undefined;
  readonly groupIds: readonly string[];
  readonly clientToken?: string | undefined;
  /** As it was given: base64. */
  readonly userData?: string | undefined;
  readonly rebootedAt?: number | undefined;
}

export interface Attachment {
  readonly instanceId: string;
  readonly device: string;
  readonly attachedAt: number;
  readonly state: Transition<'attaching' | 'attached' | 'detaching' | 'detached'>;
  readonly deleteOnTermination: boolean;
  /** It was detached without a regard for who uses it. */
  readonly isForced?: boolean | undefined;
}

export interface SeededFilesystem {
  readonly filesystem: 'ext4' | 'xfs';
  /** Where its instance mounts it. */
  readonly mountPoint?: string | undefined;
}

export interface Volume extends Entity {
  readonly zone: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly multiAttach: boolean;
  readonly snapshotId: string;
  readonly availableAt: number;
  readonly attachments: readonly Attachment[];
  /** What was on it when the lab began; only hardware shows it. */
  readonly seededWith?: SeededFilesystem | undefined;
  readonly clientToken?: string | undefined;
}

export interface SnapshotLock {
  readonly mode: 'governance' | 'compliance';
  readonly createdAt: number;
  readonly coolOffUntil?: number | undefined;
  readonly coolOffHours?: number | undefined;
  readonly expiresAt: number;
}

/** What AWS calls the volume of a copy: an id that means nothing. */
export const NO_VOLUME = 'vol-ffffffff';

export interface Snapshot extends Entity {
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly description: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly beginsAt: number;
  readonly completesAt: number;
  /** Set when the snapshot ends in `error` instead of `completed`. */
  readonly failure?: string | undefined;
  /** A pending snapshot that was deleted goes when it completes. */
  readonly deletedAt?: number | undefined;
  readonly sharedWith: readonly string[];
  readonly isPublic: boolean;
  /** What a copy was made of; `lineage` is the volume that the first of the line was taken from. */
  readonly copyOf?: {readonly region: string; readonly id: string} | undefined;
  readonly lineage: string;
  /** The snapshot that a copy has its blocks of, through however many copies. */
  readonly content?: string | undefined;
  /** One bit of it is not as in its source, by an injected fault. */
  readonly isFlawed?: boolean | undefined;
  readonly completionMinutes?: number | undefined;
  readonly lock?: SnapshotLock | undefined;
  readonly archivedAt?: number | undefined;
  /** It was deleted, and can be restored for a while. */
  readonly bin?: {readonly enteredAt: number; readonly leavesAt: number} | undefined;
  /** When it was, or will be, as it was before the Recycle Bin. */
  readonly recoveredAt?: number | undefined;
}

export interface ImageDisk {
  readonly device: string;
  readonly snapshotId: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly deleteOnTermination: boolean;
}

export interface Image extends Entity {
  readonly name: string;
  readonly description: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly rootDevice: string;
  readonly availableAt: number;
  readonly isPublic: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly disks: readonly ImageDisk[];
}

export interface KeyPair extends Entity {
  readonly name: string;
  readonly type: 'rsa' | 'ed25519';
  readonly fingerprint: string;
  readonly publicKey: string;
}

export interface IngressRule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr: string;
  readonly description?: string | undefined;
}

export interface SecurityGroup extends Entity {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly ingress: readonly IngressRule[];
}

export interface Tables {
  instance: Instance;
  volume: Volume;
  snapshot: Snapshot;
  image: Image;
  'key-pair': KeyPair;
  'security-group': SecurityGroup;
}

export type Kind = keyof Tables;

/** The state that a transition shows at `now`. */
export function stateAt<S extends string>({before, at, after}: Transition<S>, now: number): S {
  return now < at ? before : after;
}

/** A state that is and stays. */
export function settled<S extends string>(state: S): Transition<S> {
  return {before: state, at: 0, after: state};
}
