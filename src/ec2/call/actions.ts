/** The actions of EC2 and its neighbours that ftask uses, with their types, and which of them may be asked again. */
import type {
  GetSnapshotBlockCommandInput,
  GetSnapshotBlockCommandOutput,
  ListSnapshotBlocksCommandInput,
  ListSnapshotBlocksCommandOutput,
} from '@aws-sdk/client-ebs';
import type {
  AttachVolumeCommandInput,
  AttachVolumeCommandOutput,
  AuthorizeSecurityGroupIngressCommandInput,
  AuthorizeSecurityGroupIngressCommandOutput,
  CopySnapshotCommandInput,
  CopySnapshotCommandOutput,
  CreateSecurityGroupCommandInput,
  CreateSecurityGroupCommandOutput,
  CreateSnapshotCommandInput,
  CreateSnapshotCommandOutput,
  CreateSnapshotsCommandInput,
  CreateSnapshotsCommandOutput,
  CreateTagsCommandInput,
  CreateTagsCommandOutput,
  CreateVolumeCommandInput,
  CreateVolumeCommandOutput,
  DeleteKeyPairCommandInput,
  DeleteKeyPairCommandOutput,
  DeleteSecurityGroupCommandInput,
  DeleteSecurityGroupCommandOutput,
  DeleteSnapshotCommandInput,
  DeleteSnapshotCommandOutput,
  DeleteVolumeCommandInput,
  DeleteVolumeCommandOutput,
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  DescribeKeyPairsCommandInput,
  DescribeKeyPairsCommandOutput,
  DescribeLockedSnapshotsCommandInput,
  DescribeLockedSnapshotsCommandOutput,
  DescribeRegionsCommandInput,
  DescribeRegionsCommandOutput,
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput,
  DescribeSnapshotAttributeCommandInput,
  DescribeSnapshotAttributeCommandOutput,
  DescribeSnapshotsCommandInput,
  DescribeSnapshotsCommandOutput,
  DescribeSnapshotTierStatusCommandInput,
  DescribeSnapshotTierStatusCommandOutput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  DescribeVolumesCommandInput,
  DescribeVolumesCommandOutput,
  DetachVolumeCommandInput,
  DetachVolumeCommandOutput,
  ImportKeyPairCommandInput,
  ImportKeyPairCommandOutput,
  ListSnapshotsInRecycleBinCommandInput,
  ListSnapshotsInRecycleBinCommandOutput,
  RunInstancesCommandInput,
  RunInstancesCommandOutput,
  TerminateInstancesCommandInput,
  TerminateInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import type {DescribeKeyCommandInput, DescribeKeyCommandOutput} from '@aws-sdk/client-kms';

interface Call<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

export interface Actions {
  readonly DescribeRegions: Call<DescribeRegionsCommandInput, DescribeRegionsCommandOutput>;
  readonly DescribeAvailabilityZones: Call<
    DescribeAvailabilityZonesCommandInput,
    DescribeAvailabilityZonesCommandOutput
  >;
  readonly DescribeSubnets: Call<DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput>;
  readonly DescribeImages: Call<DescribeImagesCommandInput, DescribeImagesCommandOutput>;
  readonly DescribeInstances: Call<DescribeInstancesCommandInput, DescribeInstancesCommandOutput>;
  readonly DescribeVolumes: Call<DescribeVolumesCommandInput, DescribeVolumesCommandOutput>;
  readonly DescribeSnapshots: Call<DescribeSnapshotsCommandInput, DescribeSnapshotsCommandOutput>;
  readonly DescribeSnapshotAttribute: Call<
    DescribeSnapshotAttributeCommandInput,
    DescribeSnapshotAttributeCommandOutput
  >;
  readonly DescribeSnapshotTierStatus: Call<
    DescribeSnapshotTierStatusCommandInput,
    DescribeSnapshotTierStatusCommandOutput
  >;
  readonly DescribeLockedSnapshots: Call<
    DescribeLockedSnapshotsCommandInput,
    DescribeLockedSnapshotsCommandOutput
  >;
  readonly ListSnapshotsInRecycleBin: Call<
    ListSnapshotsInRecycleBinCommandInput,
    ListSnapshotsInRecycleBinCommandOutput
  >;
  readonly DescribeKeyPairs: Call<DescribeKeyPairsCommandInput, DescribeKeyPairsCommandOutput>;
  readonly DescribeSecurityGroups: Call<
    DescribeSecurityGroupsCommandInput,
    DescribeSecurityGroupsCommandOutput
  >;
  readonly CreateSnapshot: Call<CreateSnapshotCommandInput, CreateSnapshotCommandOutput>;
  readonly CreateSnapshots: Call<CreateSnapshotsCommandInput, CreateSnapshotsCommandOutput>;
  /** Called in the destination region. The SDK presigns the request for the source's by itself. */
  readonly CopySnapshot: Call<CopySnapshotCommandInput, CopySnapshotCommandOutput>;
  readonly CreateTags: Call<CreateTagsCommandInput, CreateTagsCommandOutput>;
  readonly DeleteSnapshot: Call<DeleteSnapshotCommandInput, DeleteSnapshotCommandOutput>;
  readonly RunInstances: Call<RunInstancesCommandInput, RunInstancesCommandOutput>;
  readonly TerminateInstances: Call<TerminateInstancesCommandInput, TerminateInstancesCommandOutput>;
  readonly CreateVolume: Call<CreateVolumeCommandInput, CreateVolumeCommandOutput>;
  readonly AttachVolume: Call<AttachVolumeCommandInput, AttachVolumeCommandOutput>;
  readonly DetachVolume: Call<DetachVolumeCommandInput, DetachVolumeCommandOutput>;
  readonly DeleteVolume: Call<DeleteVolumeCommandInput, DeleteVolumeCommandOutput>;
  readonly ImportKeyPair: Call<ImportKeyPairCommandInput, ImportKeyPairCommandOutput>;
  readonly DeleteKeyPair: Call<DeleteKeyPairCommandInput, DeleteKeyPairCommandOutput>;
  readonly CreateSecurityGroup: Call<CreateSecurityGroupCommandInput, CreateSecurityGroupCommandOutput>;
  readonly AuthorizeSecurityGroupIngress: Call<
    AuthorizeSecurityGroupIngressCommandInput,
    AuthorizeSecurityGroupIngressCommandOutput
  >;
  readonly DeleteSecurityGroup: Call<DeleteSecurityGroupCommandInput, DeleteSecurityGroupCommandOutput>;
  readonly ListSnapshotBlocks: Call<ListSnapshotBlocksCommandInput, ListSnapshotBlocksCommandOutput>;
  readonly GetSnapshotBlock: Call<GetSnapshotBlockCommandInput, GetSnapshotBlockCommandOutput>;
  readonly DescribeKey: Call<DescribeKeyCommandInput, DescribeKeyCommandOutput>;
}

export type Action = keyof Actions;
export type Input<A extends Action> = Actions[A]['input'];
export type Output<A extends Action> = Actions[A]['output'];

/** Whose action it is, as its permissions name it: the EBS direct APIs and KMS stand beside EC2. */
export type Service = 'ec2' | 'ebs' | 'kms';

/** The service that has an action. */
export function serviceOf(action: string): Service {
  if (action === 'DescribeKey') return 'kms';
  return /^(List|Get)SnapshotBlocks?$/.test(action) ? 'ebs' : 'ec2';
}

/** Actions whose answers come in pages. */
export type PagedAction =
  | 'DescribeInstances'
  | 'DescribeVolumes'
  | 'DescribeSnapshots'
  | 'DescribeSnapshotTierStatus'
  | 'DescribeLockedSnapshots'
  | 'ListSnapshotsInRecycleBin'
  | 'DescribeImages'
  | 'DescribeSecurityGroups'
  | 'DescribeSubnets';

/** Whether a call makes something that is there even if nobody hears of it: it is never cut off. */
export function isCreating(action: string): boolean {
  return /^(Copy|Create(?!Tags)|Import|Run)/.test(action);
}

/** Whether a call, once it is under way, is waited for even after Ctrl-C: its answer says what there is now. */
export function isAwaited(action: string): boolean {
  return isCreating(action) || action === 'DeleteSnapshot';
}

/**
 * Whether a call that may or may not have been carried out can simply be made again: a creating one only
 * with a client token, which CreateSnapshots, for one, does not take.
 */
export function isRepeatable(action: string, input: object): boolean {
  return !isCreating(action) || ('ClientToken' in input && input.ClientToken !== undefined);
}
