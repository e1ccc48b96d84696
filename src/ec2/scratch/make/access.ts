/** Who gets into a temporary instance: its key pair, and its security group that opens port 22 to a few addresses. */
import {type Tags, tagList} from '../../tags.ts';
import {askAgain, type Place, unlessRefused} from '../patience.ts';
import {makeOnce} from './make-once.ts';

/** What both are made of: a name that nothing else has, by which it is found when an answer is lost. */
export interface Named {
  readonly name: string;
  readonly tags: Tags;
}

const VISIBLE_TIMEOUT_MS = 60_000;
const SSH_PORT = 22;

/** Registers a public key with EC2; returns the pair's id. */
export function importKeyPair(place: Place, {name, tags}: Named, publicKey: string): Promise<string> {
  const {ec2, region, signal} = place;
  return makeOnce(
    place,
    async () => {
      const input = {
        KeyName: name,
        PublicKeyMaterial: Buffer.from(publicKey),
        TagSpecifications: [{ResourceType: 'key-pair' as const, Tags: tagList(tags)}],
      };
      return (await ec2.call(region, 'ImportKeyPair', input, signal)).KeyPairId ?? '';
    },
    async () => {
      const Filters = [{Name: 'key-name', Values: [name]}];
      return (await ec2.call(region, 'DescribeKeyPairs', {Filters})).KeyPairs?.[0]?.KeyPairId;
    },
  );
}

/** Makes a group that lets nobody in; returns its id. */
export function createGroup(place: Place, {name, tags}: Named, vpc?: string): Promise<string> {
  const {ec2, region, signal} = place;
  return makeOnce(
    place,
    async () => {
      const input = {
        GroupName: name,
        Description: 'SSH to a temporary instance of ftask',
        ...(vpc === undefined ? {} : {VpcId: vpc}),
        TagSpecifications: [{ResourceType: 'security-group' as const, Tags: tagList(tags)}],
      };
      return (await ec2.call(region, 'CreateSecurityGroup', input, signal)).GroupId ?? '';
    },
    async () => {
      const Filters = [{Name: 'group-name', Values: [name]}];
      return (await ec2.call(region, 'DescribeSecurityGroups', {Filters})).SecurityGroups?.[0]?.GroupId;
    },
  );
}

/** Opens port 22 of a group to these ranges of addresses. May be called twice. */
export async function openSshTo(place: Place, group: string, ranges: readonly string[]): Promise<void> {
  const {ec2, region, signal} = place;
  const [v6, v4] = [ranges.filter((range) => range.includes(':')), ranges.filter((r) => !r.includes(':'))];
  const permission = {
    IpProtocol: 'tcp',
    FromPort: SSH_PORT,
    ToPort: SSH_PORT,
    ...(v4.length > 0 && {IpRanges: v4.map((CidrIp) => ({CidrIp}))}),
    ...(v6.length > 0 && {Ipv6Ranges: v6.map((CidrIpv6) => ({CidrIpv6}))}),
  };
  const isNew = {codes: ['InvalidGroup.NotFound'], timeoutMs: VISIBLE_TIMEOUT_MS};
  await unlessRefused(['InvalidPermission.Duplicate'], () =>
    askAgain(place, isNew, () =>
      ec2.call(
        region,
        'AuthorizeSecurityGroupIngress',
        {GroupId: group, IpPermissions: [permission]},
        signal,
      ),
    ),
  );
}
