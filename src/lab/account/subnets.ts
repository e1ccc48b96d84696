/** DescribeSubnets: each zone has a subnet of its own in the default VPC. */
import {createHash} from 'node:crypto';
import type {DescribeSubnetsRequest, DescribeSubnetsResult} from '@aws-sdk/client-ec2';
import {type Call, given, type Handler} from '../api/call.ts';
import {compileFilters} from '../api/filters.ts';
import {vpcOf} from '../fleet/seed.ts';
import {ApiError} from '../wire/api-error.ts';

export const describeSubnets: Handler<DescribeSubnetsRequest, DescribeSubnetsResult> = (input, call) => {
  const passes = compileFilters<Subnet>(input.Filters, {
    'availability-zone': ({zone}) => zone,
    'default-for-az': () => true,
    'subnet-id': ({id}) => id,
    'vpc-id': () => vpcOf(call.region),
  });
  const wanted = given(input.SubnetIds)?.map((id) => subnetOf(id, call));
  return {
    Subnets: (wanted ?? subnets(call)).filter(passes).map(({id, zone}) => ({
      SubnetId: id,
      AvailabilityZone: zone,
      VpcId: vpcOf(call.region),
      State: 'available',
      DefaultForAz: true,
      MapPublicIpOnLaunch: true,
      OwnerId: call.account,
    })),
  };
};

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The subnet of this id. @throws ApiError */
export function subnetOf(id: string, call: Call): Subnet {
  const found = subnets(call).find((subnet) => subnet.id === id);
  if (found) return found;
  throw new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}

function subnets({world, region}: Call): Subnet[] {
  const zones = (world.fleet.regions[region]?.zones ?? []).map((letter) => region + letter);
  return zones.map((zone) => {
    const digits = createHash('sha256').update(zone).digest('hex').slice(0, 16);
    return {id: `subnet-0${digits}`, zone, tags: {}};
  });
}
