/** DescribeAccountAttributes and GetEbsEncryptionByDefault. */
import type {
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  GetEbsEncryptionByDefaultRequest,
  GetEbsEncryptionByDefaultResult,
} from '@aws-sdk/client-ec2';
import {given, type Handler} from '../api/call.ts';
import {vpcOf} from '../fleet/seed.ts';

export const describeAccountAttributes: Handler<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
> = (input, call) => {
  const names: readonly string[] | undefined = given(input.AttributeNames);
  const values = {
    'supported-platforms': 'VPC',
    'default-vpc': vpcOf(call.region),
    'max-instances': '1000',
    'vpc-max-security-groups-per-interface': '5',
    'max-elastic-ips': '5',
    'vpc-max-elastic-ips': '5',
  };
  return {
    AccountAttributes: Object.entries(values)
      .filter(([name]) => !names || names.includes(name))
      .map(([AttributeName, AttributeValue]) => ({AttributeName, AttributeValues: [{AttributeValue}]})),
  };
};

export const getEbsEncryptionByDefault: Handler<
  GetEbsEncryptionByDefaultRequest,
  GetEbsEncryptionByDefaultResult
> = (_input, {world, region}) => ({
  EbsEncryptionByDefault: world.fleet.regions[region]?.encryption_by_default ?? false,
  SseType: 'sse-ebs',
});
