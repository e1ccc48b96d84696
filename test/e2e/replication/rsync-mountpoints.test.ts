/** `ftask rsync_mountpoints` as an operator has it: what it prints, what it refuses, and what kill -9 leaves of it. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {EC2} from '@aws-sdk/client-ec2';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {differences} from '../../replica/trees/compare.ts';
import {hostPair, PAIR_FLEET, type Pair} from '../../replica/trees/pair.ts';
import {start} from '../ftask.ts';
import {until} from './scene.ts';
import {TREE} from './tree.ts';

const FLEET = {
  ...PAIR_FLEET,
  links: [{between: ['eu-west-1', 'eu-central-1'], delay: '2ms', bandwidth: '16Mbit'}],
};
const KEYS = '/home/admin/.ssh/authorized_keys';

describe('rsync_mountpoints', {skip: noHardware}, () => {
  let pair: Pair;
  let ec2: EC2;
  before(async () => {
    pair = await hostPair(FLEET);
    const credentials = {accessKeyId: 'lab', secretAccessKey: 'lab'};
    ec2 = new EC2({region: 'eu-west-1', endpoint: pair.lab.url, credentials});
    await pair.source.perl(TREE, '/srv/ext4', 100);
  });
  const ids = () => ({src: pair.source.machine.id, dst: pair.target.machine.id});
  const ends = (from = '/srv/ext4', to = '/srv/ext4') => {
    const {src, dst} = ids();
    return ['--src-inst', src, '--src-mnt', from, '--dst-inst', dst, '--dst-mnt', to];
  };
  const copy = (...words: string[]) => pair.lab.ftask('rsync_mountpoints', ...words);
  const rowOf = (stdout: string) => JSON.parse(stdout).tasks[0].result[0];
  const everything = () =>
    pair.target.root(`find /srv/ext4 /home /etc /root -printf '%p %i %T@ %C@\\n' | sort; cat ${KEYS}`);

  test('in a dry run tells how much it would copy, and changes nothing at all', async () => {
    const was = await everything();
    const {code, stdout, stderr} = await copy(...ends(), '--dry-run', '--json');
    assert.equal(code, 0, stderr);
    const {state, files, changes} = rowOf(stdout);
    assert.equal(state, 'would copy');
    assert.ok(files > 200 && changes >= files - 1, `${changes} of ${files}`);
    assert.match(stderr, /\d changes would be made, files of .* sent, as a whole or in part/);
    assert.equal(await everything(), was);
  });

  test('copies by the ids of instances, and prints where to', async () => {
    const {code, stdout, stderr} = await copy(...ends());
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${ids().dst}:/srv/ext4\n`);
    assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
  });

  test('copies by the names of hosts, through itself', async () => {
    await pair.source.root('echo more >/srv/ext4/more');
    const hosts = [
      '--src-inst',
      'source',
      '--src-mnt',
      '/srv/ext4/',
      '--dst-inst',
      'target',
      '--dst-mnt',
      '/srv/ext4',
    ];
    const {code, stdout, stderr} = await copy(...hosts, '--through-controller');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'target:/srv/ext4\n');
    assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
  });

  test('finds the mount point of a volume, by its id and by its device', async () => {
    const device = (await pair.target.root('findmnt -no SOURCE /srv/xfs')).trim();
    const {src, dst} = ids();
    const {Reservations = []} = await ec2.describeInstances({InstanceIds: [src]});
    const disks = Reservations[0]?.Instances?.[0]?.BlockDeviceMappings ?? [];
    const volume = disks.find(({DeviceName}) => DeviceName === '/dev/sdf')?.Ebs?.VolumeId ?? '';
    const words = ['--src-inst', src, '--src-vol', volume, '--dst-inst', dst, '--dst-vol', device];
    const {code, stdout, stderr} = await copy(...words);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${dst}:/srv/xfs\n`);
    assert.deepEqual(await differences(pair, 'ext4', 'xfs'), []);
  });

  test('leaves out what the configuration and --exclude name', async () => {
    await pair.source.root('cd /srv/ext4; mkdir -p tmp cache; touch tmp/left cache/out kept');
    const {code, stderr} = await copy(...ends(), '--exclude', '/cache/*');
    assert.equal(code, 0, stderr);
    assert.equal(await pair.target.root('cd /srv/ext4; ls tmp cache kept'), 'kept\n\ncache:\n\ntmp:\n');
    await pair.source.root('cd /srv/ext4; rm -r tmp cache');
    await pair.target.root('cd /srv/ext4; rm -r tmp cache');
  });

  const refusals: readonly [string, string, () => readonly string[], RegExp][] = [
    ['a folder that is no mount point', '', () => ends('/srv'), /source|i-\w+: \/srv is not a mount point/],
    [
      'a mount point that is not there',
      '',
      () => ends('/srv/nowhere'),
      /: \/srv\/nowhere is not a mount point/,
    ],
    [
      'the system of the destination',
      '',
      () => ends('/srv/ext4', '/'),
      /: \/ is the system that i-\w+ runs on/,
    ],
    [
      'a filesystem onto itself, by another name',
      '',
      () => [
        '--src-inst',
        'source',
        '--src-mnt',
        '/srv/ext4',
        '--dst-inst',
        ids().src,
        '--dst-mnt',
        '/srv/ext4',
      ],
      /are one and the same filesystem/,
    ],
    [
      'a destination that takes no writes',
      'mount -o remount,ro /srv/ext4',
      () => ends(),
      /: \/srv\/ext4 takes no writes/,
    ],
    ['a host without rsync', 'mount --bind /dev/null /usr/bin/rsync', () => ends(), /i-\w+ has no rsync/],
    [
      'a host with an old rsync',
      "printf '#!/bin/sh\\necho rsync  version 3.1.2  protocol version 31\\n' >/run/old; chmod 755 /run/old; mount --bind /run/old /usr/bin/rsync",
      () => ends(),
      /i-\w+ has rsync 3\.1\.2, and 3\.2\.3 is needed/,
    ],
    [
      'a volume that is not attached',
      '',
      () => ['--src-inst', ids().src, '--src-vol', 'vol-0123456789abcdef0', ...ends().slice(4)],
      /vol-0123456789abcdef0 is not attached to i-/,
    ],
    [
      'an instance that no region has',
      '',
      () => ['--src-inst', 'i-0123456789abcdef0', ...ends().slice(2)],
      /there is no instance i-0123456789abcdef0 in /,
    ],
    [
      'a mounted volume with --encr',
      '',
      () => [
        '--src-inst',
        'source',
        '--src-vol',
        '/dev/nvme1n1',
        '--dst-inst',
        'target',
        '--dst-vol',
        '/dev/nvme1n1',
        '--encr',
      ],
      /is in use: mounted at \/srv\/ext4/,
    ],
  ];
  for (const [what, prepare, words, told] of refusals) {
    test(`refuses ${what}, and touches nothing`, async () => {
      const restore =
        'umount /usr/bin/rsync 2>/dev/null || true; mount -o remount,rw /srv/ext4; rm -f /run/old';
      const was = await everything();
      if (prepare) await pair.target.root(prepare);
      try {
        const {code, stdout, stderr} = await copy(...words());
        assert.equal(code, 4, stderr);
        assert.equal(stdout, '');
        assert.match(stderr, told);
      } finally {
        await pair.target.root(restore);
      }
      assert.equal(await everything(), was);
    });
  }

  test('refuses a destination that is too small, before it is touched', async () => {
    await pair.source.root('head -c 200M /dev/urandom >/srv/xfs/large');
    const {code, stderr} = await copy(...ends('/srv/xfs', '/srv/ext4'));
    assert.equal(code, 4, stderr);
    assert.match(stderr, /: \/srv\/ext4 has room for 1?\d\d MiB, and \d\d\d MiB are to be copied/);
    await pair.source.root('rm /srv/xfs/large');
  });

  for (const [words, told] of [
    [['--src-inst', 'source', '--dst-inst', 'target', '--dst-mnt', '/srv/ext4'], /--src-mnt is missing/],
    [
      [
        '--src-inst',
        'source',
        '--src-vol',
        'vol-0123456789abcdef0',
        '--dst-inst',
        'target',
        '--dst-mnt',
        '/x',
      ],
      /what vol-\w+ is on source is not known/,
    ],
    [
      ['--src-inst', 'source', '--src-vol', 'sdf', '--dst-inst', 'target', '--dst-mnt', '/x'],
      /neither the id of a volume nor the path of a device/,
    ],
    [
      ['--src-inst', 'source', '--src-mnt', 'srv', '--dst-inst', 'target', '--dst-mnt', '/x'],
      /"srv" is no mount point: give an absolute path/,
    ],
    [
      ['--src-inst', 'source', '--src-mnt', '/srv', '--dst-inst', 'target', '--encr'],
      /--src-mnt is not for --encr/,
    ],
  ] as const) {
    test(`is not understood: ${words.join(' ')}`, async () => {
      const {code, stderr} = await copy(...words);
      assert.equal(code, 2, stderr);
      assert.match(stderr, told);
    });
  }

  for (const way of ['', '--through-controller']) {
    test(`kill -9 leaves nothing that runs, and the next run removes its line and completes${way && `, ${way}`}`, async () => {
      const keys = await pair.target.root(`cat ${KEYS}`);
      const running = async () => {
        const count = "ps -e -o comm= | grep -cE '^(rsync|ssh-agent|ssh)$' || true";
        return (await Promise.all([pair.source.root(count), pair.target.root(count)])).map(Number);
      };
      await pair.source.root('head -c 60M /dev/urandom >/srv/ext4/large');
      const words = ['--lab', 'rsync_mountpoints', ...ends(), ...(way ? [way] : [])];
      const {process: child, ended} = start(pair.lab.folder, words);
      await until(
        'bytes flow',
        async () => (await pair.target.root('stat -c %b /srv/ext4/large 2>/dev/null || true')) > '1',
      );
      child.kill('SIGKILL');
      assert.equal((await ended).signal, 'SIGKILL');
      await until('nothing of it runs', async () => (await running()).every((count) => count === 0));
      await delay(500);
      assert.equal(await pair.source.root('ls -d /run/ftask-* 2>/dev/null || true'), '');
      // Five minutes later: the line tells by its name when it is void.
      await pair.target.root(`sed -i -E 's/-[0-9]{10}$/-1000000000/' ${KEYS}`);
      const next = await copy(...ends());
      assert.equal(next.code, 0, next.stderr);
      assert.equal(await pair.target.root(`cat ${KEYS}`), keys);
      assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
    });
  }

  test('Ctrl-C ends it on both hosts, takes the key back and exits with 130', async () => {
    const keys = await pair.target.root(`cat ${KEYS}`);
    await pair.source.root('head -c 40M /dev/urandom >/srv/ext4/large');
    const {process: child, ended} = start(pair.lab.folder, ['--lab', 'rsync_mountpoints', ...ends()]);
    await until('the source is let in', async () => (await pair.target.root(`cat ${KEYS}`)) !== keys);
    await delay(1000);
    child.kill('SIGINT');
    const {code, stderr} = await ended;
    assert.equal(code, 130, stderr);
    assert.equal(await pair.target.root(`cat ${KEYS}`), keys);
    assert.equal(await pair.source.root('ls -d /run/ftask-* 2>/dev/null || true; pgrep rsync || true'), '');
  });
});
