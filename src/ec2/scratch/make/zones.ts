/** Where in a region an instance may be started: its zones one after another, or the one that is given. */
import {FtaskError} from '../../../errors.ts';
import type {Place} from '../patience.ts';

/** One try: a subnet of one's own, or a zone's own in the default VPC. */
export interface Spot {
  readonly zone: string;
  readonly subnet?: string;
}

export interface Spots {
  readonly spots: readonly Spot[];
  /** Where a security group must be; the default VPC when undefined. */
  readonly vpc?: string;
}

export interface SpotWish {
  readonly subnet?: string;
  /** A volume that is there already fixes the zone. */
  readonly zone?: string;
}

/** The places to try, in order. @throws FtaskError `NoSubnet`, `WrongSubnet` */
export async function chooseSpots(place: Place, {subnet, zone}: SpotWish): Promise<Spots> {
  if (subnet !== undefined) return inSubnet(place, subnet, zone);
  if (zone !== undefined) return {spots: [{zone}]};
  const {AvailabilityZones = []} = await place.ec2.call(
    place.region,
    'DescribeAvailabilityZones',
    {Filters: [{Name: 'state', Values: ['available']}]},
    place.signal,
  );
  // Local zones and Wavelength are listed, too, where the account has opted in.
  const usual = AvailabilityZones.filter(
    ({ZoneType = 'availability-zone'}) => ZoneType === 'availability-zone',
  );
  return {spots: usual.flatMap(({ZoneName}) => (ZoneName === undefined ? [] : [{zone: ZoneName}]))};
}

async function inSubnet({ec2, region, signal}: Place, subnet: string, zone?: string): Promise<Spots> {
  const Filters = [{Name: 'subnet-id', Values: [subnet]}];
  const {Subnets = []} = await ec2.call(region, 'DescribeSubnets', {Filters}, signal);
  const [found] = Subnets;
  if (!found?.AvailabilityZone) {
    throw new FtaskError('NoSubnet', `temporary.subnet: there is no ${subnet} in ${region}`, {
      hint: 'Correct it, or leave it out to use the default VPC.',
    });
  }
  if (zone !== undefined && found.AvailabilityZone !== zone) {
    throw new FtaskError(
      'WrongSubnet',
      `temporary.subnet: ${subnet} is in ${found.AvailabilityZone}, but the volume is in ${zone}`,
      {hint: `Name a subnet in ${zone}.`},
    );
  }
  return {
    spots: [{zone: found.AvailabilityZone, subnet}],
    ...(found.VpcId !== undefined && {vpc: found.VpcId}),
  };
}
