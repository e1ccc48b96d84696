/** `--consistent` from the command line to real filesystems on the instances of a lab. */
import assert from 'node:assert/strict';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {labUp, noHardware, type UpLab} from '../../lab/hardware/lab-up.ts';
import {QUICK} from '../../lab/lab-client.ts';
import {type LabSnapshot, tagOf} from '../lab.ts';

const data = {size: 4, filesystem: 'ext4', mount: '/data'};
const instance = (more: object = {}) => ({
  tags: {Earmarking: 'production'},
  volumes: {'/dev/xvda': 8, '/dev/sdf': data},
  ...more,
});
const FLEET = {
  ...QUICK,
  clock: {speed: 100},
  regions: {
    'eu-west-1': {
      instances: {
        db: instance({
          tags: {Earmarking: 'production', Role: 'database'},
          volumes: {
            '/dev/xvda': 8,
            '/dev/sdf': data,
            '/dev/sdg': {size: 20, filesystem: 'xfs', mount: '/log'},
          },
        }),
        'no-sudo': instance(),
        'no-fsfreeze': instance(),
        vanished: instance(),
        asleep: instance({state: 'stopped'}),
      },
    },
  },
};

interface Row {
  readonly device: string;
  readonly consistency: string;
  readonly frozenMs?: number | null;
  readonly filesystems?: readonly {readonly mountPoint: string; readonly state: string}[];
}

describe('--consistent', {skip: noHardware}, () => {
  let lab: UpLab;
  before(async () => {
    lab = await labUp(FLEET);
    await lab.ssh('no-sudo', 'sudo rm -r /etc/sudoers /etc/sudoers.d');
    await lab.ssh('no-fsfreeze', 'sudo mount --bind /dev/null /usr/sbin/fsfreeze');
    await lab.ssh(
      'vanished',
      'sudo sh -c "umount /data; find /dev/disk/by-id -lname *nvme1n1 -delete; rm /dev/nvme1n1"',
    );
  });

  const backUp = (name: string, ...words: string[]) =>
    lab.ftask(
      'backup_instance',
      '--region',
      'eu-west-1',
      '--tag-name',
      'Name',
      '--tag-value',
      name,
      '--json',
      ...words,
    );
  const rowsOf = ({stdout}: {readonly stdout: string}): Row[] => JSON.parse(stdout).tasks[0].result;
  const levelsOf = (rows: readonly Row[]) =>
    Object.fromEntries(rows.map(({device, consistency}) => [device, consistency]));
  const snapshots = async (): Promise<LabSnapshot[]> => {
    const response = await fetch(`${lab.url}/_lab/state`);
    return ((await response.json()) as {snapshots: LabSnapshot[]}).snapshots.filter(
      (snapshot) => tagOf(snapshot, 'ftask:run') !== undefined,
    );
  };

  test('freezes the data, syncs the root, and says so of each volume, tags included', async () => {
    const ended = await backUp('db', '--consistent');
    assert.equal(ended.code, 0, ended.stderr);
    const rows = rowsOf(ended);
    assert.deepEqual(levelsOf(rows), {'/dev/xvda': 'synced', '/dev/sdf': 'frozen', '/dev/sdg': 'frozen'});
    assert.deepEqual(
      rows.flatMap(({filesystems = []}) => filesystems.map(({mountPoint, state}) => [mountPoint, state])),
      [
        ['/', 'synced'],
        ['/data', 'frozen'],
        ['/log', 'frozen'],
      ],
    );
    assert.ok(rows.every(({frozenMs}) => typeof frozenMs === 'number'));
    const levels = (await snapshots()).map((snapshot) => tagOf(snapshot, 'ftask:consistency'));
    assert.deepEqual(levels.sort(), ['frozen', 'frozen', 'synced']);
    await lab.ssh('db', 'sudo touch /data/after /log/after');
  });

  test('freezes the root, too, when told to, and lets it go', async () => {
    const ended = await backUp('db', '--consistent', '--freeze-root');
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(levelsOf(rowsOf(ended)), {
      '/dev/xvda': 'frozen',
      '/dev/sdf': 'frozen',
      '/dev/sdg': 'frozen',
    });
    await lab.ssh('db', 'sudo touch /root/after /data/after');
  });

  test('takes a stopped instance for still', async () => {
    const ended = await backUp('asleep', '--consistent');
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(levelsOf(rowsOf(ended)), {'/dev/xvda': 'frozen', '/dev/sdf': 'frozen'});
  });

  const failing: readonly [name: string, reason: RegExp][] = [
    ['no-sudo', /sudo/],
    ['no-fsfreeze', /fsfreeze/],
    ['vanished', /volume vol-\w+ \(\/dev\/sdf\) has no device there/],
  ];
  for (const [name, reason] of failing) {
    test(`makes no snapshot of what it cannot freeze, and says why: ${name}`, async () => {
      const before = await snapshots();
      const ended = await backUp(name, '--consistent');
      assert.equal(ended.code, 1, ended.stderr);
      const [failure] = JSON.parse(ended.stdout).tasks[0].failures;
      assert.match(failure.message, reason);
      assert.match(ended.stderr, reason);
      assert.equal((await snapshots()).length, before.length);
      await lab.ssh(name, 'touch ~/after');
    });

    test(`takes what can be had with --best-effort, and does not call it more: ${name}`, async () => {
      const ended = await backUp(name, '--consistent', '--best-effort');
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(levelsOf(rowsOf(ended)), {'/dev/xvda': 'crash', '/dev/sdf': 'crash'});
      assert.match(ended.stderr, reason);
    });
  }

  test('goes on with the others when some cannot be frozen', async () => {
    const ended = await lab.ftask('backup_instances_by_tag', '--consistent', '--json');
    assert.equal(ended.code, 3, ended.stderr);
    const {result, failures} = JSON.parse(ended.stdout).tasks[0];
    assert.equal(result.length, 3 + 2);
    assert.equal(failures.length, 3);
  });

  test('runs the hooks of the configuration, on the instances that they are for', async () => {
    const hook = (name: string, run: string, more = '') => `{name: ${name}, run: '${run}'${more}}`;
    const write = (before: string) =>
      writeFile(
        join(lab.folder, 'ftask.yaml'),
        `consistency:\n  before: [${before}]\n  after: [${hook('resume', 'echo resume >>/tmp/log', ', user: root')}]\n`,
      );
    const pause = hook('pause', 'id -un >/tmp/log', ', tag: Role=database, user: root');
    await write(`${pause}, ${hook('elsewhere', 'exit 1', ', tag: Role=web')}`);
    const done = await backUp('db', '--consistent');
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await lab.ssh('db', 'cat /tmp/log'), 'root\nresume\n');

    await write(hook('pause', 'echo no server >&2; exit 2'));
    const before = await snapshots();
    const failed = await backUp('db', '--consistent');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /the hook pause before the freeze: exit code 2\n\s+no server/);
    assert.equal((await snapshots()).length, before.length);
    await rm(join(lab.folder, 'ftask.yaml'));
  });

  test('makes a set again that an earlier run left less consistent, and removes that', async () => {
    const first = await backUp('db');
    const {run} = JSON.parse(first.stdout);
    const ofRun = async () => (await snapshots()).filter((snapshot) => tagOf(snapshot, 'ftask:run') === run);
    assert.deepEqual(
      (await ofRun()).map((snapshot) => tagOf(snapshot, 'ftask:consistency')),
      ['crash', 'crash', 'crash'],
    );
    const second = await backUp('db', '--consistent', '--synchronously', '--resume', run);
    assert.equal(second.code, 0, second.stderr);
    const levels = (await ofRun()).map((snapshot) => tagOf(snapshot, 'ftask:consistency'));
    assert.deepEqual(levels.sort(), ['frozen', 'frozen', 'synced']);
  });
});
