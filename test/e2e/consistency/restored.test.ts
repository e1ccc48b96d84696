/** What snapshots hold of an application that writes all the time: restored, checked and read again. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {after, before, describe, test} from 'node:test';
import {EC2} from '@aws-sdk/client-ec2';
import {labUp, noHardware, type UpLab} from '../../lab/hardware/lab-up.ts';
import {QUICK} from '../../lab/lab-client.ts';
import {READER, WRITER} from './records.ts';

/** Each makes a set of every instance; 25 make a hundred sets. */
const ROUNDS = Number(process.env['FTASK_TEST_ROUNDS'] ?? 25);

const disk = (filesystem: 'ext4' | 'xfs', mount: string) => ({
  // The smallest XFS has 300 MiB.
  size: filesystem === 'xfs' ? 5 : 1,
  filesystem,
  mount,
});
const instance = (volumes: object) => ({
  tags: {Earmarking: 'production'},
  volumes: {'/dev/xvda': 2, ...volumes},
});
/** With two volumes the log is on the one and what it tells of on the other. */
const FLEET = {
  ...QUICK,
  clock: {speed: 100},
  hardware: {mib_per_gib: 64},
  regions: {
    'eu-west-1': {
      instances: {
        'ext4-one': instance({'/dev/sdf': disk('ext4', '/data')}),
        'ext4-two': instance({'/dev/sdf': disk('ext4', '/data'), '/dev/sdg': disk('ext4', '/log')}),
        'xfs-one': instance({'/dev/sdf': disk('xfs', '/data')}),
        'xfs-two': instance({'/dev/sdf': disk('xfs', '/data'), '/dev/sdg': disk('xfs', '/log')}),
        checker: {volumes: {'/dev/xvda': 2}},
      },
    },
  },
};
const NAMES = ['ext4-one', 'ext4-two', 'xfs-one', 'xfs-two'] as const;

interface Row {
  readonly snapshotId: string;
  readonly instanceId: string;
  readonly device: string;
  readonly consistency: string;
}

/** A set of snapshots, and the last record that was told of before the backup began. */
interface TakenSet {
  readonly name: (typeof NAMES)[number];
  readonly rows: readonly Row[];
  readonly told: number;
}

describe('an application that writes while it is backed up', {skip: noHardware}, () => {
  let lab: UpLab;
  let ec2: EC2;
  let ids: Map<string, string>;
  const writers: ChildProcess[] = [];
  const told = new Map<string, number>();
  before(async () => {
    lab = await labUp(FLEET);
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    ec2 = new EC2({region: 'eu-west-1', endpoint: lab.url, credentials});
    const {stdout} = await lab.ftask('lab_status', '--json');
    const rows = JSON.parse(stdout).tasks[0].result as {instance: string; name: string}[];
    ids = new Map(rows.map(({instance: id, name}) => [id, name]));
    for (const name of NAMES) writers.push(startWriter(lab, name, (record) => told.set(name, record)));
    await until(() => NAMES.every((name) => (told.get(name) ?? 0) > 100));
  });
  after(() => {
    for (const writer of writers) writer.kill();
    ec2.destroy();
  });

  const backUp = async (...words: string[]): Promise<TakenSet[]> => {
    const before = new Map(told);
    const ended = await lab.ftask('backup_instances_by_tag', '--exclude-boot', '--json', ...words);
    assert.equal(ended.code, 0, ended.stderr);
    const rows = JSON.parse(ended.stdout).tasks[0].result as Row[];
    const sets = NAMES.map((name) => ({
      name,
      rows: rows.filter(({instanceId}) => ids.get(instanceId) === name),
      told: before.get(name) ?? 0,
    }));
    await until(() => NAMES.every((name) => (told.get(name) ?? 0) > (before.get(name) ?? 0)));
    return sets;
  };

  test('loses nothing it told of, in sets that are clean, with --consistent', async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const sets = await backUp('--consistent');
      assert.ok(sets.flatMap(({rows}) => rows).every(({consistency}) => consistency === 'frozen'));
      for (const [set, found] of await restore(lab, ec2, sets)) {
        assert.deepEqual(found.problems, [], `${set.name}, round ${round}`);
        if (set.name.startsWith('ext4'))
          assert.equal(found.needsReplay, false, `${set.name}, round ${round}`);
        checkRecords(set, found);
      }
    }
  });

  test('needs the journal to be replayed without it, and loses nothing that was synced', async () => {
    const sets = await backUp();
    const results = await restore(lab, ec2, sets);
    for (const [set, found] of results) checkRecords(set, found);
    const ext4 = results.filter(([{name}]) => name.startsWith('ext4'));
    assert.ok(ext4.some(([, {needsReplay}]) => needsReplay));
  });
});

interface Found {
  readonly needsReplay: boolean;
  readonly problems: readonly string[];
  /** The last record of the log, and of what it tells of. */
  readonly log: number;
  readonly data: number;
}

/** The log is written first, so it is ahead by one record at most. */
function checkRecords({name, told}: TakenSet, {log, data}: Found): void {
  assert.ok(data >= told, `${name}: ${told} was told of, ${data} is there`);
  assert.ok(log === data || log === data + 1, `${name}: the log ends at ${log}, the data at ${data}`);
}

function startWriter(lab: UpLab, name: string, onRecord: (record: number) => void): ChildProcess {
  const log = name.endsWith('two') ? '/log/log' : '/data/log';
  const words = ['-F', lab.sshConfig, name, 'sudo', 'perl', '-', log, '/data/data'];
  const writer = spawn('ssh', words, {stdio: ['pipe', 'pipe', 'inherit']});
  writer.stdin.end(WRITER);
  let rest = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) onRecord(Number(lines.at(-1)));
  });
  return writer;
}

/** Makes volumes of all sets, and looks at them on an instance that had no part in it. */
async function restore(lab: UpLab, ec2: EC2, sets: readonly TakenSet[]): Promise<[TakenSet, Found][]> {
  const all = sets.flatMap((set) => set.rows.map((row) => ({set, row})));
  const checker = (await ec2.describeInstances({Filters: [{Name: 'tag:Name', Values: ['checker']}]}))
    .Reservations?.[0]?.Instances?.[0];
  const volumes = await Promise.all(
    all.map(async ({set, row}, index) => {
      const {VolumeId = ''} = await ec2.createVolume({
        SnapshotId: row.snapshotId,
        AvailabilityZone: checker?.Placement?.AvailabilityZone,
      });
      await available(ec2, VolumeId);
      const Device = `/dev/sd${'fghijklmnop'[index]}`;
      await ec2.attachVolume({VolumeId, InstanceId: checker?.InstanceId, Device});
      return {set, VolumeId, isLog: row.device === '/dev/sdg'};
    }),
  );
  const found: [TakenSet, Found][] = [];
  for (const set of sets) {
    const own = volumes.filter((volume) => volume.set === set);
    const filesystem = set.name.slice(0, 4);
    const looks = await Promise.all(
      own.map(async ({VolumeId}) => look(await lab.ssh('checker', lookScript(VolumeId, filesystem)))),
    );
    const log = looks[own.length > 1 ? own.findIndex(({isLog}) => isLog) : 0]?.records['log'];
    const data = looks[own.findIndex(({isLog}) => !isLog)]?.records['data'];
    found.push([
      set,
      {
        needsReplay: looks.some(({needsReplay}) => needsReplay),
        problems: looks.flatMap(({problems}) => problems),
        log: log ?? -1,
        data: data ?? -1,
      },
    ]);
  }
  for (const {VolumeId} of volumes) {
    await ec2.detachVolume({VolumeId});
    await available(ec2, VolumeId);
    await ec2.deleteVolume({VolumeId});
  }
  return found;
}

async function available(ec2: EC2, id: string): Promise<void> {
  await until(async () => {
    const {Volumes = []} = await ec2.describeVolumes({VolumeIds: [id]});
    return Volumes[0]?.State === 'available';
  });
}

/** Runs on the instance: is the journal to be replayed, does it mount, what is in it, is it sound afterwards. */
function lookScript(volumeId: string, filesystem: string): string {
  const isExt4 = filesystem === 'ext4';
  const check = isExt4 ? 'e2fsck -fn' : 'xfs_repair -n';
  return `sudo sh -c '
    device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace('-', '')}
    place=/mnt/${volumeId}
    ${isExt4 ? 'dumpe2fs -h $device 2>/dev/null | grep -q needs_recovery && echo replay' : ':'}
    mkdir -p $place && mount ${isExt4 ? '' : '-o nouuid'} $device $place || echo problem: it does not mount
    for name in log data; do
      set -- $place/$name.*
      [ -e "$1" ] || continue
      last=$(perl - $place/$name 2>&1 <<"END"
${READER.replaceAll("'", `'"'"'`)}
END
) && echo $name $last || echo problem: $last
    done
    umount $place
    said=$(${check} $device 2>&1) || echo problem: $said
  '`;
}

interface Look {
  readonly needsReplay: boolean;
  readonly problems: readonly string[];
  readonly records: Readonly<Record<string, number>>;
}

function look(text: string): Look {
  const lines = text.trim().split('\n');
  return {
    needsReplay: lines.includes('replay'),
    problems: lines.filter((line) => line.startsWith('problem:')),
    records: Object.fromEntries(
      lines
        .filter((line) => /^(log|data) \d+$/.test(line))
        .map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]),
    ),
  };
}

const PATIENCE_MS = 60_000;

/** Waits for what will become true, a minute at most. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, 'what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
