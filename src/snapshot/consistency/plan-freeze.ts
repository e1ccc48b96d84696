/** Which filesystems of an instance are frozen for a snapshot, which only synced, and why. Pure. */
import type {MountedFilesystem} from '../../disk/survey/mounted-filesystems.ts';
import type {VolumeUse} from '../../disk/volume-device.ts';
import type {Consistency} from '../../ec2/snapshots/origin.ts';

export interface FreezeScope {
  /** All volumes of the instance that are known on its host. */
  readonly uses: readonly VolumeUse[];
  /** Those that are snapshotted. */
  readonly set: readonly string[];
  /** The one that the instance boots from. */
  readonly bootVolume: string | undefined;
  /** Volumes that other instances have attached, too, and which those are. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
  readonly freezeRoot: boolean;
}

/** A filesystem on volumes of the set, and what is done with it. */
export interface PlannedFilesystem {
  readonly mountPoint: string;
  readonly type: string;
  readonly volumes: readonly string[];
  /** `leave` what takes no writes. */
  readonly how: 'freeze' | 'sync' | 'leave';
  /** Why it is not frozen. */
  readonly why?: string;
}

export interface FreezePlan {
  readonly filesystems: readonly PlannedFilesystem[];
  /** The most that can be said of each volume of the set, if all goes well. */
  readonly best: ReadonlyMap<string, Consistency>;
  /** Where that is less than was asked for, a line each. */
  readonly shortfalls: readonly string[];
  /** What an operator should know though it is no failure, a line each. */
  readonly remarks: readonly string[];
}

/** Those whose kernel code knows how to stand still; of the others fsfreeze(8) says that it is not supported. */
const FREEZABLE = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'f2fs',
  'gfs2',
  'jfs',
  'nilfs2',
  'reiserfs',
]);

/**
 * What is only synced is less than was asked for, but for the root that nobody asked to freeze, and for what else
 * cannot be frozen on the volume that the instance boots from, as the EFI partition of nearly every image.
 */
export function planFreeze(scope: FreezeScope): FreezePlan {
  const {uses, set, bootVolume, shared, freezeRoot} = scope;
  const used = uses.filter(({volumeId}) => set.includes(volumeId));
  const found = filesystemsOf(used).map((each) => ({...each, ...treatmentOf(each, scope)}));
  const isAsked = (volumes: readonly string[]) => volumes.some((volume) => volume !== bootVolume);
  const foreign = found.filter(
    ({how, isRoot, volumes}) => how === 'sync' && (isRoot ? freezeRoot : isAsked(volumes)),
  );
  const outOfReach = used.flatMap(({volumeId, unreachable}) => unreachable.map((what) => ({volumeId, what})));
  const elsewhere = set.flatMap((volumeId) =>
    (shared.get(volumeId) ?? []).map((other) => ({volumeId, other})),
  );
  return {
    filesystems: found.map(({isRoot, readOnly, ...filesystem}) => filesystem),
    best: new Map(set.map((volumeId) => [volumeId, bestOf(volumeId, found, scope)])),
    shortfalls: [
      ...foreign.map(({mountPoint, why}) => `${mountPoint} is only synced: ${why}`),
      ...outOfReach.filter(({volumeId}) => isAsked([volumeId])).map(tellOutOfReach),
      ...elsewhere.map(({volumeId, other}) => `${volumeId} is attached to ${other} too, which is not frozen`),
    ],
    remarks: [
      ...outOfReach.filter(({volumeId}) => !isAsked([volumeId])).map(tellOutOfReach),
      ...used.filter(({swap}) => swap).map(({volumeId}) => `${volumeId} holds swap, which is left as it is`),
      ...found.flatMap(({mountPoint}) => partsLeftOut(mountPoint, scope)),
    ],
  };
}

type Found = Pick<MountedFilesystem, 'mountPoint' | 'type' | 'isRoot' | 'readOnly'> & {
  readonly volumes: readonly string[];
};

/** Each once, with all its volumes: one on LVM or RAID may lie on several. */
function filesystemsOf(uses: readonly VolumeUse[]): Found[] {
  const found = new Map<string, Found>();
  for (const {volumeId, mounts} of uses) {
    for (const {mountPoint, type, isRoot, readOnly} of mounts) {
      const {volumes = []} = found.get(mountPoint) ?? {};
      found.set(mountPoint, {mountPoint, type, isRoot, readOnly, volumes: [...volumes, volumeId]});
    }
  }
  return [...found.values()];
}

function treatmentOf(
  {type, isRoot, readOnly}: Found,
  {freezeRoot}: FreezeScope,
): Pick<PlannedFilesystem, 'how' | 'why'> {
  if (readOnly) return {how: 'leave', why: 'it is mounted read-only'};
  if (!FREEZABLE.has(type)) return {how: 'sync', why: `${type} cannot be frozen`};
  if (isRoot && !freezeRoot)
    return {how: 'sync', why: 'it is the root filesystem (--freeze-root freezes it too)'};
  return {how: 'freeze'};
}

function bestOf(
  volumeId: string,
  filesystems: readonly PlannedFilesystem[],
  {uses, shared}: FreezeScope,
): Consistency {
  const use = uses.find((each) => each.volumeId === volumeId);
  if (!use || use.unreachable.length > 0 || shared.has(volumeId)) return 'crash';
  const isSynced = filesystems.some(({volumes, how}) => how === 'sync' && volumes.includes(volumeId));
  return isSynced ? 'synced' : 'frozen';
}

function partsLeftOut(mountPoint: string, {uses, set}: FreezeScope): string[] {
  return uses
    .filter(
      ({volumeId, mounts}) =>
        !set.includes(volumeId) && mounts.some((each) => each.mountPoint === mountPoint),
    )
    .map(({volumeId}) => `${mountPoint} lies on ${volumeId} too, which is left out`);
}

function tellOutOfReach({volumeId, what}: {volumeId: string; what: string}): string {
  return `${volumeId} cannot be frozen: ${what}`;
}
