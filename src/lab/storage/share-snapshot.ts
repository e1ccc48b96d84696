/** ModifySnapshotAttribute and DescribeSnapshotAttribute: who else may use a snapshot. */
import type {
  CreateVolumePermission,
  DescribeSnapshotAttributeRequest,
  DescribeSnapshotAttributeResult,
  ModifySnapshotAttributeRequest,
} from '@aws-sdk/client-ec2';
import {type Handler, required} from '../api/call.ts';
import {defaultKey} from '../fleet/seed.ts';
import {ApiError} from '../wire/api-error.ts';
import {ownSnapshot} from './own-snapshot.ts';

export const modifySnapshotAttribute: Handler<ModifySnapshotAttributeRequest, object> = (input, call) => {
  const snapshot = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  const {add, remove} = wanted(input);
  if (add.length + remove.length === 0) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter CreateVolumePermission');
  }
  if (add.length > 0 && snapshot.kmsKeyId === defaultKey(call.region, call.account)) {
    throw new ApiError(
      'InvalidParameter',
      `Snapshot '${snapshot.id}' is encrypted with the default key and cannot be shared.`,
    );
  }
  const shared = new Set(snapshot.sharedWith);
  let {isPublic} = snapshot;
  for (const [permissions, isGranted] of [
    [add, true],
    [remove, false],
  ] as const) {
    for (const {UserId: user, Group: group} of permissions) {
      if (group === 'all') isPublic = isGranted;
      else if (!/^\d{12}$/.test(user ?? ''))
        throw new ApiError('InvalidUserID.Malformed', `Invalid user id: "${user}"`);
      else if (isGranted) shared.add(user ?? '');
      else shared.delete(user ?? '');
    }
  }
  call.changes.put('snapshot', {...snapshot, isPublic, sharedWith: [...shared]});
  return {};
};

export const describeSnapshotAttribute: Handler<
  DescribeSnapshotAttributeRequest,
  DescribeSnapshotAttributeResult
> = (input, call) => {
  const {id, sharedWith, isPublic} = ownSnapshot(required(input.SnapshotId, 'SnapshotId'), call);
  if (input.Attribute === 'productCodes') return {SnapshotId: id, ProductCodes: []};
  if (input.Attribute !== 'createVolumePermission') {
    throw new ApiError('InvalidParameterValue', `Invalid value '${input.Attribute}' for Attribute.`);
  }
  const users = sharedWith.map((UserId): CreateVolumePermission => ({UserId}));
  return {SnapshotId: id, CreateVolumePermissions: isPublic ? [...users, {Group: 'all'}] : users};
};

interface Wanted {
  readonly add: readonly CreateVolumePermission[];
  readonly remove: readonly CreateVolumePermission[];
}

/** The permissions are given as a structure, or as lists with an operation. */
function wanted({
  CreateVolumePermission: given,
  OperationType,
  UserIds,
  GroupNames,
}: ModifySnapshotAttributeRequest): Wanted {
  const listed: CreateVolumePermission[] = [
    ...(UserIds ?? []).map((UserId) => ({UserId})),
    ...(GroupNames ?? []).map((Group) => ({Group: Group as CreateVolumePermission['Group']})),
  ];
  return {
    add: [...(given?.Add ?? []), ...(OperationType === 'add' ? listed : [])],
    remove: [...(given?.Remove ?? []), ...(OperationType === 'remove' ? listed : [])],
  };
}
