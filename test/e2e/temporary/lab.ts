/** A lab with disks and machines for what is temporary, and all that there is in it. */
import {EC2} from '@aws-sdk/client-ec2';
import {labUp, type UpLab} from '../../lab/hardware/lab-up.ts';
import {type Started, start} from '../ftask.ts';

export const REGION = 'eu-west-1';

/** A machine whose data volume has a filesystem, in a lab that is twenty times as fast as the world. */
const FLEET = {
  clock: {speed: 20},
  throttling: false,
  regions: {
    [REGION]: {
      instances: {
        web: {volumes: {'/dev/xvda': 8, '/dev/sdf': {size: 4, filesystem: 'ext4', mount: '/data'}}},
      },
    },
    'us-east-1': {},
  },
};

/** Minutes of the lab: six seconds. */
const EXPIRY = '2m';

export interface TemporaryLab extends UpLab {
  readonly ec2: EC2;
  /** The instance that is there to stay. */
  readonly web: string;
  /** A snapshot of its data volume, which holds the file `hello`. */
  readonly snapshot: string;
  /** Starts `ftask --lab` and leaves it running. */
  start(...words: string[]): Started;
  /** Waits until what nobody has renewed since has expired. */
  expire(): Promise<void>;
  /** Everything there is but what never goes: instances that live, volumes, key pairs, groups. */
  inventory(): Promise<readonly string[]>;
  /** What carries the tag of temporary things. */
  temporary(): Promise<readonly string[]>;
}

/** Starts it, with a snapshot made; it ends with the test file. */
export async function temporaryLab(): Promise<TemporaryLab> {
  const lab = await labUp(FLEET);
  const ec2 = new EC2({
    region: REGION,
    endpoint: lab.url,
    credentials: {accessKeyId: 'lab', secretAccessKey: 'lab'},
  });
  await lab.ssh('web', 'echo hello | sudo tee /data/hello && sync');
  const words = ['backup_instance', '--region', REGION, '--tag-name', 'Name', '--tag-value', 'web'];
  const backup = await lab.ftask(...words, '--exclude-boot', '--synchronously');
  const [snapshot = ''] = backup.ids;
  if (!snapshot.startsWith('snap-')) throw new Error(`no snapshot was made: ${backup.stderr}`);
  const {Reservations = []} = await ec2.describeInstances({});
  return {
    ...lab,
    ec2,
    snapshot,
    web: Reservations[0]?.Instances?.[0]?.InstanceId ?? '',
    start: (...more) => start(lab.folder, ['--lab', ...more], {FTASK_TEMPORARY_EXPIRY: EXPIRY}),
    expire: () => new Promise((resolve) => setTimeout(resolve, 7000)),
    inventory: () => inventory(ec2),
    temporary: () => inventory(ec2, 'ftask:temporary'),
  };
}

async function inventory(ec2: EC2, tag?: string): Promise<string[]> {
  const Filters = tag === undefined ? [] : [{Name: 'tag-key', Values: [tag]}];
  const living = [{Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'shutting-down']}];
  const [instances, volumes, keys, groups] = await Promise.all([
    ec2.describeInstances({Filters: [...Filters, ...living]}),
    ec2.describeVolumes({Filters}),
    ec2.describeKeyPairs({Filters}),
    ec2.describeSecurityGroups({Filters}),
  ]);
  return [
    ...(instances.Reservations ?? []).flatMap(({Instances = []}) => Instances.map((one) => one.InstanceId)),
    ...(volumes.Volumes ?? []).map((one) => one.VolumeId),
    ...(keys.KeyPairs ?? []).map((one) => one.KeyPairId),
    ...(groups.SecurityGroups ?? []).map((one) => one.GroupId),
  ]
    .flatMap((id) => id ?? [])
    .sort();
}
