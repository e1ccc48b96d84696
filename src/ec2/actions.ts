/** The EC2 actions that ftask uses, with their types, and which of them may be asked again. */
import type {
  CreateSnapshotsCommandInput,
  CreateSnapshotsCommandOutput,
  DeleteSnapshotCommandInput,
  DeleteSnapshotCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  DescribeRegionsCommandInput,
  DescribeRegionsCommandOutput,
  DescribeSnapshotsCommandInput,
  DescribeSnapshotsCommandOutput,
  DescribeVolumesCommandInput,
  DescribeVolumesCommandOutput,
} from '@aws-sdk/client-ec2';

interface Call<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

export interface Actions {
  readonly DescribeRegions: Call<DescribeRegionsCommandInput, DescribeRegionsCommandOutput>;
  readonly DescribeInstances: Call<DescribeInstancesCommandInput, DescribeInstancesCommandOutput>;
  readonly DescribeVolumes: Call<DescribeVolumesCommandInput, DescribeVolumesCommandOutput>;
  readonly DescribeSnapshots: Call<DescribeSnapshotsCommandInput, DescribeSnapshotsCommandOutput>;
  readonly CreateSnapshots: Call<CreateSnapshotsCommandInput, CreateSnapshotsCommandOutput>;
  readonly DeleteSnapshot: Call<DeleteSnapshotCommandInput, DeleteSnapshotCommandOutput>;
}

export type Action = keyof Actions;
export type Input<A extends Action> = Actions[A]['input'];
export type Output<A extends Action> = Actions[A]['output'];

/** Actions whose answers come in pages. */
export type PagedAction = 'DescribeInstances' | 'DescribeVolumes' | 'DescribeSnapshots';

/**
 * Whether a call that may or may not have been carried out can simply be made again. EC2's creating
 * calls have no client token (there is none in the API of CreateSnapshots), so they cannot.
 */
export function isRepeatable(action: string): boolean {
  return !action.startsWith('Create');
}
