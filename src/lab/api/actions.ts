/** Every action that the lab knows, by its name. */
import {describeAccountAttributes, getEbsEncryptionByDefault} from '../account/attributes.ts';
import {createKeyPair, deleteKeyPair, describeKeyPairs, importKeyPair} from '../account/key-pairs.ts';
import {describeAvailabilityZones, describeRegions} from '../account/regions.ts';
import {
  authorizeSecurityGroupIngress,
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from '../account/security-groups.ts';
import {describeSubnets} from '../account/subnets.ts';
import {createTags, deleteTags, describeTags} from '../account/tags.ts';
import {describeInstances} from '../compute/describe-instances.ts';
import {disableImage, enableImage} from '../compute/disable-image.ts';
import {createImage, deregisterImage, describeImages, registerImage} from '../compute/images.ts';
import {
  rebootInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from '../compute/instance-state.ts';
import {runInstances} from '../compute/run-instances.ts';
import {attachVolume, detachVolume} from '../storage/attach-volume.ts';
import {copySnapshot} from '../storage/copy-snapshot.ts';
import {createSnapshot, createSnapshots} from '../storage/create-snapshots.ts';
import {createVolume, deleteVolume} from '../storage/create-volume.ts';
import {deleteSnapshot} from '../storage/delete-snapshot.ts';
import {describeSnapshots} from '../storage/describe-snapshots.ts';
import {describeVolumes} from '../storage/describe-volumes.ts';
import {describeLockedSnapshots, lockSnapshot, unlockSnapshot} from '../storage/lock-snapshot.ts';
import {listSnapshotsInRecycleBin, restoreSnapshotFromRecycleBin} from '../storage/recycle-bin.ts';
import {describeSnapshotAttribute, modifySnapshotAttribute} from '../storage/share-snapshot.ts';
import {describeSnapshotTierStatus, modifySnapshotTier} from '../storage/snapshot-tier.ts';
import type {Handler} from './call.ts';

/** The table of actions. Whoever looks one up has decoded the input by that action's own schema. */
export const ACTIONS: Readonly<Record<string, Handler<never, object>>> = {
  AttachVolume: attachVolume,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  CopySnapshot: copySnapshot,
  CreateImage: createImage,
  CreateKeyPair: createKeyPair,
  CreateSecurityGroup: createSecurityGroup,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteKeyPair: deleteKeyPair,
  DeleteSecurityGroup: deleteSecurityGroup,
  DeleteSnapshot: deleteSnapshot,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DeregisterImage: deregisterImage,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeImages: describeImages,
  DescribeInstances: describeInstances,
  DescribeKeyPairs: describeKeyPairs,
  DescribeLockedSnapshots: describeLockedSnapshots,
  DescribeRegions: describeRegions,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSnapshotAttribute: describeSnapshotAttribute,
  DescribeSnapshots: describeSnapshots,
  DescribeSnapshotTierStatus: describeSnapshotTierStatus,
  DescribeSubnets: describeSubnets,
  DescribeTags: describeTags,
  DescribeVolumes: describeVolumes,
  DetachVolume: detachVolume,
  DisableImage: disableImage,
  EnableImage: enableImage,
  GetEbsEncryptionByDefault: getEbsEncryptionByDefault,
  ImportKeyPair: importKeyPair,
  ListSnapshotsInRecycleBin: listSnapshotsInRecycleBin,
  LockSnapshot: lockSnapshot,
  ModifySnapshotAttribute: modifySnapshotAttribute,
  ModifySnapshotTier: modifySnapshotTier,
  RebootInstances: rebootInstances,
  RegisterImage: registerImage,
  RestoreSnapshotFromRecycleBin: restoreSnapshotFromRecycleBin,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
  UnlockSnapshot: unlockSnapshot,
};
