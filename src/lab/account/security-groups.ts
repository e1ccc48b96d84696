/** Security groups: CreateSecurityGroup, AuthorizeSecurityGroupIngress, DeleteSecurityGroup, DescribeSecurityGroups. */
import type {
  SecurityGroup as Answer,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler, required} from '../api/call.ts';
import {compileFilters, where} from '../api/filters.ts';
import {find, isVisible} from '../api/find.ts';
import {pageOf} from '../api/paging.ts';
import {tagSet, tagsFor} from '../api/tag-rules.ts';
import {vpcOf} from '../fleet/seed.ts';
import {type IngressRule, type SecurityGroup, stateAt} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

export const createSecurityGroup: Handler<CreateSecurityGroupRequest, CreateSecurityGroupResult> = (
  input,
  call,
) => {
  const name = required(input.GroupName, 'GroupName');
  const vpcId = input.VpcId ?? vpcOf(call.region);
  if (vpcId !== vpcOf(call.region))
    throw new ApiError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  if (named(name, call)) {
    throw new ApiError(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
  const group: SecurityGroup = {
    ...call.born('sg', tagsFor(input.TagSpecifications, 'security-group')),
    name,
    description: required(input.Description, 'GroupDescription'),
    vpcId,
    ingress: [],
  };
  call.changes.put('security-group', group);
  return {GroupId: group.id, Tags: tagSet(group.tags)};
};

export const authorizeSecurityGroupIngress: Handler<
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult
> = (input, call) => {
  const group = chosenGroup(input, call);
  const added = rulesOf(input);
  if (added.length === 0)
    throw new ApiError('MissingParameter', 'The request must contain the parameter IpPermissions');
  for (const rule of added) {
    if (!group.ingress.some((old) => keyOf(old) === keyOf(rule))) continue;
    throw new ApiError('InvalidPermission.Duplicate', `The rule "${keyOf(rule)}" already exists`);
  }
  call.changes.put('security-group', {...group, ingress: [...group.ingress, ...added]});
  return {Return: true};
};

export const deleteSecurityGroup: Handler<DeleteSecurityGroupRequest, DeleteSecurityGroupResult> = (
  input,
  call,
) => {
  const group = chosenGroup(input, call);
  for (const instance of call.store.all('instance', call.region)) {
    if (!instance.groupIds.includes(group.id) || stateAt(instance.state, call.now) === 'terminated') continue;
    throw new ApiError('DependencyViolation', `resource ${group.id} has a dependent object`);
  }
  call.changes.delete('security-group', group);
  return {Return: true, GroupId: group.id};
};

export const describeSecurityGroups: Handler<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult> = (
  input,
  call,
) => {
  const ids = given(input.GroupIds);
  const names = given(input.GroupNames);
  const passes = compileFilters<SecurityGroup>(input.Filters, {
    description: ({description}) => description,
    'group-id': ({id}) => id,
    'group-name': ({name}) => name,
    'vpc-id': ({vpcId}) => vpcId,
  });
  const groups = ids
    ? ids.map((id) => find('security-group', id, call))
    : where(call.store.all('security-group', call.region), (group) => isVisible(group, call.now));
  const chosen = where(groups, (group) => (!names || names.includes(group.name)) && passes(group));
  const {items, nextToken} = pageOf(chosen, input, call, {ids});
  return {SecurityGroups: items.map(view), NextToken: nextToken};
};

interface Chosen {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
}

function chosenGroup({GroupId: id, GroupName: name}: Chosen, call: Call): SecurityGroup {
  if (id) return find('security-group', id, call);
  const group = named(required(name, 'GroupId'), call);
  if (group) return group;
  throw new ApiError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
}

function named(name: string, call: Call): SecurityGroup | undefined {
  return [...call.store.all('security-group', call.region)].find((group) => group.name === name);
}

/** One rule may be given flat, many as permissions. */
function rulesOf(input: AuthorizeSecurityGroupIngressRequest): IngressRule[] {
  const flat: IngressRule[] = input.CidrIp
    ? [
        {
          protocol: input.IpProtocol ?? 'tcp',
          fromPort: input.FromPort ?? -1,
          toPort: input.ToPort ?? -1,
          cidr: input.CidrIp,
        },
      ]
    : [];
  const listed = (input.IpPermissions ?? []).flatMap((permission) =>
    (permission.IpRanges ?? []).map(({CidrIp: cidr = '', Description: description}) => ({
      protocol: permission.IpProtocol ?? 'tcp',
      fromPort: permission.FromPort ?? -1,
      toPort: permission.ToPort ?? -1,
      cidr,
      description,
    })),
  );
  return [...flat, ...listed];
}

function keyOf({protocol, fromPort, toPort, cidr}: IngressRule): string {
  return `${cidr} ${protocol} ${fromPort}-${toPort}`;
}

function view(group: SecurityGroup): Answer {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: group.owner,
    VpcId: group.vpcId,
    IpPermissions: group.ingress.map((rule) => ({
      IpProtocol: rule.protocol,
      FromPort: rule.fromPort,
      ToPort: rule.toPort,
      IpRanges: [{CidrIp: rule.cidr, Description: rule.description}],
    })),
    Tags: tagSet(group.tags),
  };
}
