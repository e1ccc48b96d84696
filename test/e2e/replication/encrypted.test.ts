/** `rsync_mountpoints --encr`: a closed volume becomes equal on another host, between instances with real disks. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import type {CopiedMountPoint} from '../../../src/tasks/replication/rsync-mountpoints.ts';
import {labUp, noHardware, type UpLab} from '../../lab/hardware/lab-up.ts';
import type {Ended} from '../ftask.ts';

const [ROOT, DATA, SECOND] = ['/dev/nvme0n1', '/dev/nvme1n1', '/dev/nvme2n1'];
const MIB = 1024 ** 2;
const FLEET = {
  throttling: false,
  hardware: {mib_per_gib: 64},
  regions: {
    'eu-west-1': {instances: {data: {volumes: {'/dev/xvda': 1, '/dev/sdf': 1, '/dev/sdg': 1}}}},
    'us-east-1': {instances: {vault: {volumes: {'/dev/xvda': 1, '/dev/sdf': 2, '/dev/sdg': 1}}}},
  },
};

describe('rsync_mountpoints --encr', {skip: noHardware}, () => {
  let lab: UpLab;
  before(async () => {
    lab = await labUp(FLEET);
    await asRoot(
      'data',
      `cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /etc/hostname ${DATA}
dd if=/dev/urandom of=${DATA} bs=1M seek=17 status=none || true; mkfs.ext4 -q ${SECOND}`,
    );
  });
  const asRoot = async (instance: string, script: string): Promise<string> =>
    (await lab.ssh(instance, 'sudo', 'sh', '-c', `'${script}'`)).trim();
  const digest = async (instance: string, device = DATA): Promise<string> =>
    (
      await asRoot(instance, `blockdev --flushbufs ${device}; head -c ${64 * MIB} ${device} | sha256sum`)
    ).slice(0, 64);
  const copy = (from: string, to: string, ...more: string[]): Promise<Ended> =>
    lab.ftask(
      ...['rsync_mountpoints', '--src-inst', 'data', '--src-vol', from],
      ...['--dst-inst', 'vault', '--dst-vol', to, '--encr', '--json', ...more],
    );
  const copied = async (...more: string[]): Promise<CopiedMountPoint> => {
    const ended = await copy(DATA, DATA, ...more);
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout).tasks[0].result[0];
  };

  test('changes nothing in a dry run', async () => {
    const untouched = await digest('vault');
    const {state, bytes} = await copied('--dry-run');
    assert.deepEqual([state, bytes], ['would copy', 64 * MIB]);
    assert.equal(await digest('vault'), untouched);
  });

  test('makes a larger volume equal, and leaves no way in', async () => {
    const {state, bytes, sha256} = await copied();
    assert.deepEqual([state, bytes, sha256], ['copied', 64 * MIB, await digest('data')]);
    assert.equal(await digest('vault'), sha256);
    assert.doesNotMatch(await asRoot('vault', 'cat /home/*/.ssh/authorized_keys'), /ftask-/);
  });

  test('sends only what differs, through the controller as well', async () => {
    await asRoot('data', `dd if=/dev/urandom of=${DATA} bs=4k seek=9000 count=100 conv=notrunc status=none`);
    const {sentBytes = 0, sha256} = await copied('--through-controller');
    assert.ok(sentBytes > 100 * 4096 && sentBytes < (5 * 64 * MIB) / 100, `${sentBytes} bytes`);
    assert.deepEqual([await digest('data'), await digest('vault')], [sha256, sha256]);
  });

  for (const [what, from, to, message] of [
    ['a volume that is in use', ROOT, DATA, `data: ${ROOT} is in use: mounted at /`],
    ['the disk that the other host lives on', DATA, ROOT, `vault: ${ROOT} is in use: mounted at /`],
    ['what is not encrypted', SECOND, DATA, `data: ${SECOND} is not encrypted by LUKS, it holds ext4`],
  ] as const) {
    test(`refuses ${what}, and changes nothing`, async () => {
      const untouched = await digest('vault');
      const ended = await copy(from, to);
      assert.equal(ended.code, 4, ended.stderr);
      assert.equal(JSON.parse(ended.stdout).tasks[0].error.message, message);
      assert.equal(await digest('vault'), untouched);
    });
  }

  test('refuses a destination that holds something else', async () => {
    await asRoot('vault', `mkfs.ext4 -q ${SECOND}`);
    const untouched = await digest('vault', SECOND);
    const ended = await copy(DATA, SECOND);
    assert.equal(ended.code, 4, ended.stderr);
    assert.match(ended.stderr, /vault: \/dev\/nvme2n1 is not empty: it holds ext4/);
    assert.equal(await digest('vault', SECOND), untouched);
  });
});
