/** DescribeRegions and DescribeAvailabilityZones. */
import type {
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from '@aws-sdk/client-ec2';
import {given, type Handler} from '../api/call.ts';
import {compileFilters} from '../api/filters.ts';
import {ApiError} from '../wire/api-error.ts';

/** Regions that AWS launched before March 2019 need no opting in. */
const OPT_IN_SINCE_2019 =
  /^(af-|il-|mx-|ap-east|ap-south-2|ap-southeast-[3-9]|ca-west|eu-central-2|eu-south|me-)/;

export const describeRegions: Handler<DescribeRegionsRequest, DescribeRegionsResult> = (input, call) => {
  const names = given(input.RegionNames);
  const {regions} = call.world.fleet;
  for (const name of names ?? []) {
    if (!regions[name])
      throw new ApiError('InvalidParameterValue', `Invalid value '${name}' for region-name`);
  }
  const passes = compileFilters<RegionItem>(input.Filters, {
    endpoint: ({name}) => endpoint(name),
    'opt-in-status': ({status}) => status,
    'region-name': ({name}) => name,
  });
  const items = Object.entries(regions).map(([name, {opted_in: isOptedIn}]) => ({
    name,
    isOptedIn,
    status: optInStatus(name, isOptedIn),
    tags: {},
  }));
  return {
    Regions: items
      .filter((item) => item.isOptedIn || input.AllRegions)
      .filter((item) => (!names || names.includes(item.name)) && passes(item))
      .map(({name, status}) => ({RegionName: name, Endpoint: endpoint(name), OptInStatus: status})),
  };
};

export const describeAvailabilityZones: Handler<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
> = (input, call) => {
  const zones = (call.world.fleet.regions[call.region]?.zones ?? []).map((letter) => call.region + letter);
  const names = given(input.ZoneNames);
  for (const name of names ?? []) {
    if (!zones.includes(name))
      throw new ApiError('InvalidParameterValue', `Invalid availability zone: [${name}]`);
  }
  const passes = compileFilters<{name: string; tags: Record<string, string>}>(input.Filters, {
    'region-name': () => call.region,
    state: () => 'available',
    'zone-name': ({name}) => name,
  });
  return {
    AvailabilityZones: zones
      .filter((name) => (!names || names.includes(name)) && passes({name, tags: {}}))
      .map((name) => ({
        ZoneName: name,
        ZoneId: `${call.region}-az${name.charCodeAt(name.length - 1) - 96}`,
        RegionName: call.region,
        State: 'available',
        OptInStatus: 'opt-in-not-required',
        ZoneType: 'availability-zone',
        Messages: [],
      })),
  };
};

interface RegionItem {
  readonly name: string;
  readonly status: string;
  readonly tags: Record<string, string>;
}

function endpoint(region: string): string {
  return `ec2.${region}.amazonaws.com`;
}

function optInStatus(name: string, isOptedIn: boolean): string {
  if (!isOptedIn) return 'not-opted-in';
  return OPT_IN_SINCE_2019.test(name) ? 'opted-in' : 'opt-in-not-required';
}
