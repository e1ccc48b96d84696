/** What the tests of replication share: a lab with disks in regions that are far from each other, trees, and backups of them. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {EC2} from '@aws-sdk/client-ec2';
import {labUp, type UpLab} from '../../lab/hardware/lab-up.ts';
import {type LabCalls, type LabSnapshot, tagOf} from '../lab.ts';
import {CHANGES, TREE} from './tree.ts';

const run = promisify(execFile);

/** Where data is born, and on which filesystems. */
export const FROM = 'eu-west-1';
export const TO = 'eu-central-1';
export const THIRD = 'us-east-1';
export const FILESYSTEMS = ['ext4', 'xfs'] as const;
export type Filesystem = (typeof FILESYSTEMS)[number];

export type Method = 'copy' | 'rsync';
/** What is tried; all of them unless told. */
export const METHODS = (process.env['FTASK_TEST_METHODS'] ?? 'copy,rsync').split(',') as readonly Method[];

const MIB_PER_GIB = 64;
/** The smallest XFS has 300 MiB. An ext4 of less than 512 MiB has an inode for every 4 KiB. */
const LEAST_GIB = {ext4: 1, xfs: 5};

export interface SceneOptions {
  /** Of each filesystem. */
  readonly gib?: Readonly<Record<Filesystem, number>>;
  /** Where instances with data are; by default the first region alone. */
  readonly sources?: readonly string[];
  /** Where replicas are looked at. */
  readonly targets?: readonly string[];
  /** More regions, without instances. */
  readonly others?: readonly string[];
  /** More of the lab's own words. */
  readonly lab?: object;
}

/** Quick, but not so quick that nothing can happen meanwhile. */
export const TIMES = {
  clock: {speed: 40},
  timing: {
    snapshot_seconds: [2, 20],
    copy_seconds: [10, 80],
    state_change_seconds: 4,
    attach_seconds: 1,
    eventual_consistency_seconds: 1,
  },
  quotas: {seconds_between_snapshots_of_a_volume: 0},
  throttling: false,
};

export interface LabInstance {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly address: string;
}

export interface Scene extends UpLab {
  readonly sources: readonly string[];
  ec2(region: string): EC2;
  /** Runs a Perl program as root on an instance. */
  perl(instance: string, program: string, ...words: readonly (string | number)[]): Promise<void>;
  /** Fills both filesystems of a source region with the whole tree. */
  plant(region: string, smallFiles: number): Promise<void>;
  /** Changes both, in other ways for another seed. */
  change(region: string, seed: number): Promise<void>;
  /** Backs both up, frozen, and waits until that is complete. */
  backUp(region: string): Promise<Readonly<Record<Filesystem, string>>>;
  snapshots(region: string): Promise<readonly LabSnapshot[]>;
  /** Those of a region that say that they are copies. */
  replicas(region: string): Promise<readonly LabSnapshot[]>;
  /** Those of a region that are not terminated. */
  instances(region: string): Promise<readonly LabInstance[]>;
  /** Everything of a region that costs money and is no snapshot; key pairs and groups, too. */
  inventory(region: string): Promise<readonly string[]>;
  /** Forgets the calls so far and sets what goes wrong from now on, in the lab's own words. */
  faults(rules: readonly object[]): Promise<void>;
  calls(): Promise<LabCalls>;
}

/** The instance with data in a region, and the one that replicas are looked at on. */
export function sourceIn(region: string): string {
  return `data-${region}`;
}

export function viewerIn(region: string): string {
  return `viewer-${region}`;
}

/** Where the data of a filesystem lies on its instance. */
export function folderOf(filesystem: Filesystem): string {
  return `/srv/${filesystem}`;
}

/** Starts it; it ends with the test file. */
export async function replicationScene(options: SceneOptions = {}): Promise<Scene> {
  const {sources = [FROM]} = options;
  const lab = await labUp(fleetOf(options));
  const clients = new Map<string, EC2>();
  const ec2 = (region: string): EC2 => {
    const client = clients.get(region) ?? clientOf(lab, region);
    clients.set(region, client);
    return client;
  };
  const state = async () =>
    (await (await fetch(`${lab.url}/_lab/state`)).json()) as {
      readonly snapshots: readonly LabSnapshot[];
      readonly instances: readonly LabInstance[];
    };
  const snapshots = async (region: string) =>
    (await state()).snapshots.filter(({Region}) => Region === region);
  const perl: Scene['perl'] = async (instance, program, ...words) => {
    const ssh = run('ssh', ['-F', lab.sshConfig, instance, 'sudo', 'perl', '-', ...words.map(String)]);
    ssh.child.stdin?.end(program);
    await ssh;
  };
  const onEach = async (work: (filesystem: Filesystem) => Promise<void>) => {
    await Promise.all(FILESYSTEMS.map(work));
  };
  await Promise.all(sources.flatMap((region) => FILESYSTEMS.map((each) => label(lab, region, each))));
  return {
    ...lab,
    sources,
    ec2,
    perl,
    snapshots,
    plant: (region, smallFiles) => onEach((each) => perl(sourceIn(region), TREE, folderOf(each), smallFiles)),
    change: (region, seed) => onEach((each) => perl(sourceIn(region), CHANGES, folderOf(each), seed)),
    backUp: (region) => backUp(lab, region),
    replicas: async (region) =>
      (await snapshots(region)).filter((each) => tagOf(each, 'ftask:source-snapshot') !== undefined),
    instances: async (region) => (await state()).instances.filter((each) => each.region === region),
    inventory: (region) => inventory(ec2(region)),
    faults: async (rules) => {
      await fetch(`${lab.url}/_lab/calls`, {method: 'DELETE'});
      const body = JSON.stringify(rules);
      const {status} = await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body});
      assert.equal(status, 200);
    },
    calls: async () => (await fetch(`${lab.url}/_lab/calls`)).json() as Promise<LabCalls>,
  };
}

function fleetOf({
  gib = LEAST_GIB,
  sources = [FROM],
  targets = [TO],
  others = [],
  lab = {},
}: SceneOptions): object {
  const data = (filesystem: Filesystem) => ({
    size: gib[filesystem],
    filesystem,
    mount: folderOf(filesystem),
  });
  const source = {
    tags: {Earmarking: 'production'},
    volumes: {'/dev/xvda': 8, '/dev/sdf': data('ext4'), '/dev/sdg': data('xfs')},
  };
  const viewer = {volumes: {'/dev/xvda': 8}};
  const regions = [...new Set([FROM, TO, THIRD, ...sources, ...targets, ...others])];
  return {
    ...TIMES,
    hardware: {mib_per_gib: MIB_PER_GIB},
    regions: Object.fromEntries(
      regions.map((region) => [
        region,
        {
          instances: {
            ...(sources.includes(region) && {[sourceIn(region)]: source}),
            ...(targets.includes(region) && {[viewerIn(region)]: viewer}),
          },
        },
      ]),
    ),
    links: sources.flatMap((source) =>
      targets
        .filter((target) => target !== source)
        .map((target) => ({between: [source, target], delay: '2ms'})),
    ),
    ...lab,
  };
}

function clientOf(lab: UpLab, region: string): EC2 {
  const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
  return new EC2({region, endpoint: lab.url, credentials});
}

/** As `blkid` tells it of a replica. */
export function labelOf(filesystem: Filesystem): string {
  return `${filesystem}-data`;
}

async function label(lab: UpLab, region: string, filesystem: Filesystem): Promise<void> {
  const folder = folderOf(filesystem);
  const set = {
    ext4: `e2label $(findmnt -no SOURCE ${folder}) ${labelOf(filesystem)}`,
    xfs: `umount ${folder} && xfs_admin -L ${labelOf(filesystem)} $device && mount ${folder}`,
  };
  const device = `device=$(findmnt -no SOURCE ${folder})`;
  await lab.ssh(sourceIn(region), `sudo sh -c '${device}; ${set[filesystem]}'`);
}

async function backUp(lab: UpLab, region: string): Promise<Record<Filesystem, string>> {
  const which = ['--region', region, '--tag-name', 'Name', '--tag-value', sourceIn(region)];
  const how = ['--exclude-boot', '--consistent', '--synchronously', '--json'];
  const ended = await lab.ftask('backup_instance', ...which, ...how);
  assert.equal(ended.code, 0, ended.stderr);
  const rows = JSON.parse(ended.stdout).tasks[0].result as {snapshotId: string; device: string}[];
  const on = (device: string) => rows.find((row) => row.device === device)?.snapshotId ?? '';
  return {ext4: on('/dev/sdf'), xfs: on('/dev/sdg')};
}

async function inventory(ec2: EC2): Promise<string[]> {
  const living = [
    {Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'shutting-down', 'stopped']},
  ];
  const [instances, volumes, keys, groups] = await Promise.all([
    ec2.describeInstances({Filters: living}),
    ec2.describeVolumes({}),
    ec2.describeKeyPairs({}),
    ec2.describeSecurityGroups({}),
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

const PATIENCE_MS = 120_000;

/** Waits for what will become true, two minutes at most. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `it never came true that ${what}`);
    await delay(20);
  }
}
