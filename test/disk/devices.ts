/** Real block devices on this machine, for as long as a test file runs: sparse files on loop devices. */
import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {parseMountTable} from '../../src/disk/survey/mount-table.ts';
import type {HostSettings} from '../../src/host/exec/host-settings.ts';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import type {Host} from '../../src/host/host.ts';
import {localTransport} from '../../src/host/local.ts';
import {atEnd} from '../ssh/at-end.ts';

const execute = promisify(execFile);
const PROGRAMS = ['losetup', 'lsblk', 'mkfs.ext4', 'mkfs.xfs', 'mkfs.btrfs', 'sudo'];
const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;

/** Why no block devices can be made here: the `skip` of a suite that needs them. */
export const noDevices: string | false = reason();

/** This machine. */
export function localHost(settings: Partial<HostSettings> = {}): Host {
  const {signal} = new AbortController();
  return shellHost('localhost', localTransport(), {signal, timeoutMs: 60_000, ...settings});
}

/** Runs a program, gives what it prints. */
export async function run(...[program = '', ...words]: string[]): Promise<string> {
  const {stdout} = await execute(program, words, {env: {...process.env, PATH}});
  return stdout.trim();
}

/** A new empty device, until the end of the file; partitions written to it get nodes of their own. */
export async function loopDevice(mib = 64): Promise<string> {
  const file = join(await folder(), 'blocks');
  await writeFile(file, '');
  await truncate(file, mib * 1024 ** 2);
  const device = await run('losetup', '--find', '--show', '--partscan', file);
  atEnd(async () => void (await run('losetup', '--detach', device)));
  return device;
}

/** Another device with the blocks that this one has now, whatever its filesystem still holds back. */
export async function copyOf(device: string, mib: number): Promise<string> {
  const copy = await loopDevice(mib);
  await run('dd', `if=${device}`, `of=${copy}`, 'bs=1M', 'iflag=direct', 'conv=sparse', 'status=none');
  return copy;
}

/** A folder of the test's own, that what is mounted is unmounted from in the end. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ftask-disk-'));
  atEnd(async () => {
    const mounts = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8')).reverse();
    for (const {mountPoint} of mounts) if (mountPoint.startsWith(`${path}/`)) await unmounted(mountPoint);
    await rm(path, {recursive: true});
  });
  return path;
}

const BUSY_MS = 10_000;

/** A process that hung before a frozen filesystem takes a moment to end after the thaw. */
async function unmounted(mountPoint: string): Promise<void> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      await run('umount', mountPoint);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    }
  }
}

/** Mounts a device, until the end of the file. */
export async function mounted(device: string, ...options: string[]): Promise<string> {
  const mountPoint = join(await folder(), 'mnt');
  await mkdir(mountPoint);
  await run('mount', ...options, device, mountPoint);
  return mountPoint;
}

/** A device name, after its `sd` or `xvd`, that nobody has. */
export function deviceLetters(): string {
  return [...randomBytes(10)].map((byte) => 'abcdefghijklmnop'[byte % 16]).join('');
}

/** The id of a volume that nobody has. */
export function volumeId(): string {
  return `vol-0${randomBytes(8).toString('hex')}`;
}

/** The link that udev makes for an EBS volume on a Nitro instance. */
export async function linkById(id: string, device: string): Promise<void> {
  const link = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${id.replace('-', '')}`;
  await mkdir(dirname(link), {recursive: true});
  await symlink(device, link);
  atEnd(() => rm(link));
}

function reason(): string | false {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = PROGRAMS.filter((name) => !PATH.split(':').some((path) => existsSync(join(path, name))));
  return missing.length > 0 && `needs ${missing.join(', ')}`;
}
