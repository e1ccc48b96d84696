/** How instances end: nothing of them is left, whatever state they are in. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {constants, existsSync} from 'node:fs';
import {open, readdir, readFile} from 'node:fs/promises';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import type {MachineSpec} from '../../../../src/lab/hardware/machines/machine-spec.ts';
import {noHardware} from '../lab-up.ts';
import {type Keeper, openKeeper} from './keeper.ts';

/** Writers that wait for a thaw. */
const HANG = 'for file in /x /data/x; do (sudo touch $file </dev/null >/dev/null 2>&1 &); done';

describe('an instance that is stopped', {skip: noHardware}, () => {
  let keeper: Keeper;
  before(async () => {
    keeper = await openKeeper();
  });

  async function startWithData(): Promise<MachineSpec> {
    const spec = await keeper.spec({
      disks: [{volumeId: 'vol-0data', name: '/dev/sdf', device: await keeper.call('dataDisk')}],
      mounts: [{volumeId: 'vol-0data', mountPoint: '/data', filesystem: 'ext4'}],
    });
    await keeper.call('start', spec);
    return spec;
  }

  test('has written all that it was to write, and its disks are clean and free', async () => {
    const spec = await startWithData();
    await keeper.ssh(spec, 'sudo dd if=/dev/zero of=/data/a bs=1M count=8 status=none');
    await keeper.call('stop', spec.id);
    for (const {device} of spec.disks) await assertSound(device.path);
  });

  test('is stopped already when it is stopped again', async () => {
    const spec = await startWithData();
    await Promise.all([keeper.call('stop', spec.id), keeper.call('stop', spec.id)]);
    await keeper.call('stop', spec.id);
    await keeper.call('stop', 'i-never');
  });

  test('lets its processes end by themselves', async () => {
    const spec = await startWithData();
    const service =
      'trap "sleep 0.2; echo bye >/data/bye; exit" TERM; touch /run/up; while :; do sleep 0.05; done';
    await keeper.ssh(spec, `(sudo setsid bash -c '${service}' </dev/null >/dev/null 2>&1 &)`);
    await keeper.ssh(spec, 'while [ ! -e /run/up ]; do :; done');
    await keeper.call('stop', spec.id);
    await keeper.call('start', spec);
    assert.equal(await keeper.ssh(spec, 'cat /data/bye'), 'bye');
    await keeper.call('stop', spec.id);
  });

  test('goes with its filesystems frozen, its root too, and writers that hang on them', async () => {
    const spec = await startWithData();
    await keeper.ssh(spec, 'sudo fsfreeze -f /data; sudo fsfreeze -f /');
    await keeper.ssh(spec, HANG);
    await keeper.ssh(spec, 'while [ "$(ps -e -o stat=,args= | grep -c "^D.*touch")" != 2 ]; do :; done');
    await keeper.call('stop', spec.id);
    for (const {device} of spec.disks) await assertSound(device.path);
  });

  test('is noticed when it has ended by itself, is cleared away, and can be started again', async () => {
    const spec = await startWithData();
    await keeper.ssh(spec, 'sudo kill -TERM 1').catch(() => {});
    while (await keeper.call('isRunning', spec.id)) await delay(5);
    await keeper.call('start', spec);
    assert.equal(await keeper.ssh(spec, 'findmnt -no SOURCE /data'), '/dev/nvme1n1');
    await keeper.call('stop', spec.id);
  });

  test('is cleared away when it was killed with its filesystems frozen', async () => {
    const spec = await startWithData();
    await keeper.ssh(spec, 'sudo fsfreeze -f /data; sudo fsfreeze -f /');
    await keeper.ssh(spec, HANG);
    const [pid] = execFileSync('pgrep', ['-f', `^unshare .*/${spec.id} `], {encoding: 'utf8'}).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    while (await keeper.call('isRunning', spec.id)) await delay(5);
    await keeper.call('stop', spec.id);
    for (const {device} of spec.disks) await assertSound(device.path);
  });
});

describe('a keeper that is killed', {skip: noHardware}, () => {
  test('leaves no process, mount, loop device, wire or route behind', async () => {
    const keeper = await openKeeper();
    const spec = await keeper.spec();
    await keeper.call('start', spec);
    await keeper.ssh(spec, '(setsid sleep 1000 </dev/null >/dev/null 2>&1 &)');
    const network = spec.address.replace(/\d+$/, '');
    const processes = descendants(keeper.pid);
    const left = async () => [
      ...(await traces(keeper.folder, network)),
      ...processes.filter((pid) => existsSync(`/proc/${pid}`)),
    ];
    assert.ok(processes.length > 8);
    assert.deepEqual(await traces(keeper.folder, network), ['loop device', 'mount', 'route', 'wire']);
    await keeper.kill();
    const start = performance.now();
    while ((await left()).length > 0 && performance.now() - start < 10_000) await delay(20);
    assert.deepEqual(await left(), []);
  });
});

/** No filesystem holds the disk, and the one on it needs no repair. */
async function assertSound(device: string): Promise<void> {
  const file = await open(device, constants.O_RDONLY | constants.O_EXCL);
  await file.close();
  execFileSync('e2fsck', ['-f', '-n', device], {stdio: 'ignore'});
  const features = execFileSync('dumpe2fs', ['-h', device], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.doesNotMatch(features, /needs_recovery/);
}

/** All that a process has started, and what that has started. */
function descendants(root: number): readonly number[] {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], {encoding: 'utf8'}).trim().split('\n');
  const parents = new Map(rows.map((row) => row.trim().split(/ +/).map(Number) as [number, number]));
  const isBelow = (pid: number): boolean => pid === root || (pid > 0 && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isBelow);
}

/** What this machine has of a keeper: of its folder, and of its network. */
async function traces(folder: string, network: string): Promise<string[]> {
  const found = new Set<string>();
  const say = (program: string, ...words: string[]) => execFileSync(program, words, {encoding: 'utf8'});
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
    if (mounts.includes(folder)) found.add('mount');
  }
  if (say('losetup', '--list', '--noheadings', '--output', 'BACK-FILE').includes(folder)) {
    found.add('loop device');
  }
  if (say('ip', '-o', 'address').includes(` ${network}1/32 `)) found.add('wire');
  if (say('ip', 'route').includes(`${network}0/24 `)) found.add('route');
  return [...found].sort();
}
