/** Backups of a fleet, from the command line to the wire. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {emptyFolder, ftask} from './ftask.ts';
import {instances, TestLab, tagOf} from './lab.ts';

const FLEET = {
  clock: {speed: 50},
  regions: {
    'eu-west-1': {
      shared: {quorum: {size: 5, type: 'io2', iops: 100, multi_attach: true}},
      instances: {
        ...instances(['web', 'db']),
        ...instances(['asleep'], {state: 'stopped'}),
        ...instances(['gone'], {state: 'terminated'}),
        ...instances(['diskless'], {volumes: {}}),
        ...instances(['staging'], {tags: {Earmarking: 'staging'}}),
        ...instances(['node-a', 'node-b'], {volumes: {'/dev/xvda': 8, '/dev/sdm': {shared: 'quorum'}}}),
      },
    },
    'eu-central-1': {instances: instances(['mail'])},
    'us-east-1': {instances: instances(['far'])},
  },
};

/** Volumes of eu: web, db, asleep and mail have two each, the nodes one each and one between them. */
const EU_VOLUMES = 2 * 4 + 3;

describe('backup_instances_by_tag', () => {
  const lab = new TestLab(FLEET);
  const run = async (...args: string[]) =>
    ftask(await emptyFolder(), [`--lab=${lab.url}`, 'backup_instances_by_tag', ...args]);

  test('snapshots every volume of the fleet once, and prints the ids', async () => {
    await lab.reset();
    const {code, ids, stderr} = await run('--region', 'eu');
    assert.equal(code, 0, stderr);
    const made = await lab.snapshots();
    assert.deepEqual([...ids].sort(), made.map(({SnapshotId}) => SnapshotId).sort());
    assert.equal(new Set(made.map(({VolumeId}) => VolumeId)).size, EU_VOLUMES);
    assert.equal(made.length, EU_VOLUMES);
    assert.match(stderr, /diskless skipped: it has no EBS volume/);
    assert.deepEqual([...new Set(made.map(({Region}) => Region))].sort(), ['eu-central-1', 'eu-west-1']);
  });

  test('tags every snapshot with where it comes from, in the creating call', async () => {
    for (const snapshot of await lab.snapshots()) {
      for (const key of ['instance', 'region', 'time', 'run', 'set', 'consistency']) {
        assert.ok(tagOf(snapshot, `ftask:${key}`), `${snapshot.SnapshotId} has no ftask:${key}`);
      }
      assert.equal(tagOf(snapshot, 'Earmarking'), 'production');
      assert.equal(JSON.parse(snapshot.Description).Region, snapshot.Region);
    }
    const {counts} = await lab.calls();
    assert.deepEqual(counts['CreateTags'], undefined);
    assert.deepEqual(counts['CreateSnapshots'], {OK: 6});
  });

  test('says in one JSON document what became of everything', async () => {
    const {code, stdout} = await run('--region', 'us', '--json', '--tag', 'why=release');
    assert.equal(code, 0);
    const document = JSON.parse(stdout);
    assert.equal(document.ok, true);
    assert.equal(document.exit, 0);
    const [task] = document.tasks;
    assert.equal(task.result.length, 2);
    const keys = 'consistency device instanceId region set sizeGiB snapshotId state time volumeId';
    for (const row of task.result) {
      assert.equal(Object.keys(row).sort().join(' '), keys);
      assert.equal(row.region, 'us-east-1');
      assert.ok(row.set.startsWith(document.run));
      const made = (await lab.snapshots()).find(({SnapshotId}) => SnapshotId === row.snapshotId);
      assert.equal(made && tagOf(made, 'why'), 'release');
      assert.equal(made?.VolumeId, row.volumeId);
    }
  });

  test('changes nothing in a dry run, and says what it would do', async () => {
    await lab.reset();
    const before = await lab.snapshots();
    const {code, stdout, stderr} = await run('--region', 'eu', '--dry-run', '--json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).tasks[0].result.length, EU_VOLUMES);
    assert.match(stderr, /would snapshot 2 volumes of 1 instance/);
    const {calls} = await lab.calls();
    assert.ok(calls.length > 0);
    assert.deepEqual(
      calls.filter(({mutating}) => mutating),
      [],
    );
    assert.equal((await lab.snapshots()).length, before.length);
  });

  test('fails when nothing matches, and says what it looked for, unless that is allowed', async () => {
    const failed = await run('--region', 'eu-west-1', '--tag-value', 'nobody');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /no instance with tag Earmarking=nobody in eu-west-1/);
    assert.equal((await run('--region', 'eu-west-1', '--tag-value', 'nobody', '--allow-empty')).code, 0);
  });

  test('does all others when one instance fails, and exits with 3', async () => {
    await lab.reset([
      {
        action: 'CreateSnapshots',
        region: 'eu-west-1',
        nth: 2,
        kind: 'error',
        code: 'IncorrectState',
        status: 400,
      },
    ]);
    const {code, stdout, stderr} = await run('--region', 'eu', '--json');
    const [task] = JSON.parse(stdout).tasks;
    assert.equal(code, 3, stderr);
    assert.equal(task.status, 'partial');
    assert.equal(task.failures.length, 1);
    assert.match(task.failures[0].item, /^i-/);
    assert.equal(task.failures[0].code, 'IncorrectState');
    assert.equal(new Set(task.result.map(({instanceId}: {instanceId: string}) => instanceId)).size, 5);
  });

  test('does the other regions when one is out of reach', async () => {
    await lab.reset([
      {
        action: 'DescribeInstances',
        region: 'eu-central-1',
        kind: 'error',
        code: 'UnauthorizedOperation',
        status: 403,
      },
    ]);
    const {code, stdout} = await run('--region', 'eu', '--json');
    const [task] = JSON.parse(stdout).tasks;
    assert.equal(code, 3);
    assert.deepEqual(
      task.failures.map(({item, message}: {item: string; message: string}) => [item, message]),
      [['eu-central-1', 'not permitted: ec2:DescribeInstances in eu-central-1']],
    );
    assert.ok(task.result.length > 0);
  });

  test('stops starting instances after --max-failures, and exits with 1 when nothing was made', async () => {
    await lab.reset([{action: 'CreateSnapshots', kind: 'error', code: 'IncorrectState', status: 400}]);
    const {code, stdout} = await run('--region', 'eu', '--max-failures', '2', '--json');
    const [task] = JSON.parse(stdout).tasks;
    assert.equal(code, 1);
    assert.ok(task.failures.length >= 2);
    assert.deepEqual(task.result, []);
  });

  test('waits out the limits of AWS on a volume', async () => {
    await lab.reset();
    const {code, ids, stderr} = await run('--region', 'us', 'backup_instances_by_tag', '--region', 'us');
    assert.equal(code, 0, stderr);
    assert.equal(new Set(ids).size, 4);
    const made = (await lab.snapshots()).filter(({SnapshotId}) => ids.includes(SnapshotId));
    assert.equal(
      new Set(made.map((snapshot) => tagOf(snapshot, 'ftask:set'))).size,
      2,
      'a set for each task',
    );
    const {counts} = await lab.calls();
    assert.ok(counts['CreateSnapshots']?.['SnapshotCreationPerVolumeRateExceeded']);
  });

  test('goes on, slower, when another tool uses up the quota, and says so once a region', async () => {
    await lab.reset([{action: 'CreateSnapshots', nth: [1, 2, 3], kind: 'throttle'}]);
    const {code, stderr} = await run('--region', 'eu-west-1');
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/AWS throttles CreateSnapshots/g)?.length, 1);
  });
});

describe('backup_instance', () => {
  const lab = new TestLab(FLEET);
  const run = async (...args: string[]) =>
    ftask(await emptyFolder(), [`--lab=${lab.url}`, 'backup_instance', ...args]);

  test('leaves out the boot volume, and volumes by device', async () => {
    for (const [option, device] of [
      ['--exclude-boot', '/dev/sdf'],
      ['--exclude-device=/dev/xvda', '/dev/sdf'],
      ['--exclude-device=/dev/sdf', '/dev/xvda'],
    ] as const) {
      const {code, stdout, stderr} = await run(
        ...['--region', 'us', '--tag-name', 'Name', '--tag-value', 'far', option, '--json'],
      );
      assert.equal(code, 0, stderr);
      const {result} = JSON.parse(stdout).tasks[0];
      assert.deepEqual(
        result.map((row: {device: string}) => row.device),
        [device],
      );
    }
  });

  test('finds its region by how it begins, and an instance by its id', async () => {
    const found = await run(
      '--region',
      'eu-c',
      '--tag-name',
      'Name',
      '--tag-value',
      'mail',
      '--dry-run',
      '--json',
    );
    const {instanceId} = JSON.parse(found.stdout).tasks[0].result[0];
    const {code, ids} = await run('--region_name', 'eu-c', '--instance-id', instanceId);
    assert.equal(code, 0);
    assert.equal(ids.length, 2);
  });

  test('refuses a region that could be several, listing them', async () => {
    const {code, stderr} = await run('--region', 'eu', '--instance-id', 'i-0123456789abcdef0');
    assert.equal(code, 2);
    assert.match(stderr, /--region eu could be eu-central-1, eu-west-1/);
  });

  test('fails when there is no such instance', async () => {
    const {code, stderr} = await run('--region', 'us', '--instance-id', 'i-0123456789abcdef0');
    assert.equal(code, 1);
    assert.match(stderr, /no instance i-0123456789abcdef0 in us-east-1/);
  });
});
