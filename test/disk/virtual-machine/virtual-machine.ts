/** A machine of the test's own, with a whole kernel and disks like those of EBS: for what this machine's kernel lacks. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {mkdtemp, open, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {promisify} from 'node:util';
import type {HostSettings} from '../../../src/host/exec/host-settings.ts';
import {shellHost} from '../../../src/host/exec/shell-host.ts';
import type {Host} from '../../../src/host/host.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {temporaryTransport} from '../../../src/ssh/temporary/transport.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {freePort} from '../../ssh/sshd.ts';
import {makeInitramfs} from './initramfs.ts';
import {modulesInOrder} from './kernel-modules.ts';

/** Where .ci/run unpacks a kernel and mdadm, without installing them. */
const UNPACKED = '/usr/local/lib/ftask-test-machine';
const SBIN = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const PROGRAMS = [
  ...['busybox', 'dropbear', 'sudo', 'mount', 'umount', 'lsblk', 'blkid', 'wipefs', 'findmnt'],
  ...['mkfs.ext4', 'resize2fs', 'mkswap', 'swapon', 'cryptsetup', 'lvm'],
];
const OTHER_FILES = ['/usr/libexec/sudo/sudoers.so', '/usr/lib/x86_64-linux-gnu/security/pam_permit.so'];
const MODULES = ['virtio_pci', 'virtio_net', 'dm-crypt', 'xts', 'ecb', 'raid1'];
const BOOT_MS = 60_000;

export interface VirtualMachine {
  host(settings?: Partial<HostSettings>): Host;
  /** Files with the blocks of its disks, in order: /dev/nvme0n1 and so on. */
  readonly disks: readonly string[];
  /** What the kernel and the first process said. */
  readonly console: () => string;
}

/** Why no machine can be started here. */
export const noMachine: string | false = reason();

/** Starts it with an NVMe disk for each of these serial numbers; it ends with the test file. */
export async function startMachine(serials: readonly string[], diskMiB: number): Promise<VirtualMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-machine-'));
  atEnd(() => rm(folder, {recursive: true}));
  const [ours, port] = [makeKeyPair('test'), await freePort()];
  const {hostKeyFile, hostKey} = await makeHostKey(folder);
  const initramfs = await makeInitramfs(folder, contents(hostKeyFile, ours.publicKey));
  const disks = await Promise.all(serials.map((serial) => makeDisk(join(folder, serial), diskMiB)));
  const child = spawn(
    // Else it would outlive a test that is killed.
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'qemu-system-x86_64', '-accel', 'tcg', '-cpu', 'max'],
      ...['-m', '512', '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', kernel(), '-initrd', initramfs, '-append', 'console=ttyS0 quiet panic=-1'],
      ...['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
      ...disks.flatMap((file, index) => [
        ...['-drive', `file=${file},if=none,id=disk${index},format=raw`],
        ...['-device', `nvme,serial=${basename(file)},drive=disk${index}`],
      ]),
    ],
    {stdio: ['ignore', 'pipe', 'pipe']},
  );
  atEnd(async () => void child.kill('SIGKILL'));
  const said = await untilReady(child);
  return {
    console: said,
    disks,
    host: (settings = {}) => {
      const {privateKey} = ours;
      const transport = temporaryTransport({
        ...{name: 'machine', address: '127.0.0.1', port, user: 'root', privateKey, hostKey},
      });
      atEnd(() => transport.close());
      const {signal} = new AbortController();
      return shellHost('machine', transport, {signal, timeoutMs: 60_000, ...settings});
    },
  };
}

function contents(hostKeyFile: string, authorizedKey: string) {
  const modules = modulesInOrder(join(UNPACKED, 'lib/modules'), MODULES);
  const init = `#!/usr/bin/busybox sh
export PATH=/usr/sbin:/usr/bin
busybox mkdir -p /proc /sys /dev /run /tmp /mnt
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
busybox --install -s /usr/sbin 2>/dev/null
mkdir /dev/pts; mount -t devpts pts /dev/pts
${modules.map((file) => `insmod /modules/${basename(file)}`).join('\n')}
hostname machine; ip link set lo up; ip address add 10.0.2.15/24 dev eth0; ip link set eth0 up
for tool in vgcreate lvcreate lvextend pvcreate vgchange; do ln -s lvm /usr/sbin/$tool; done
dropbear -E -s -r /hostkey
echo machine is ready
exec sleep 2147483647
`;
  return {
    programs: [...PROGRAMS.map(find), ...OTHER_FILES],
    copies: {
      '/usr/sbin/mdadm': join(UNPACKED, 'sbin/mdadm'),
      '/hostkey': hostKeyFile,
      ...Object.fromEntries(modules.map((file) => [`/modules/${basename(file)}`, file])),
    },
    texts: {
      '/init': {content: init, mode: 0o755},
      '/root/.ssh/authorized_keys': {content: `${authorizedKey}\n`, mode: 0o600},
      '/etc/passwd': {content: 'root:x:0:0:root:/root:/usr/sbin/sh\n'},
      '/etc/group': {content: 'root:x:0:\n'},
      '/etc/hosts': {content: '127.0.0.1 localhost machine\n'},
      '/etc/shells': {content: '/usr/sbin/sh\n'},
      '/etc/sudoers': {content: 'root ALL=(ALL) NOPASSWD: ALL\n', mode: 0o440},
      '/etc/pam.d/sudo': {
        content:
          'auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n',
      },
      // Nothing here makes nodes but device-mapper itself.
      '/etc/lvm/lvm.conf': {content: 'activation { udev_sync = 0 udev_rules = 0 }\n'},
    },
  };
}

async function makeHostKey(folder: string): Promise<{hostKeyFile: string; hostKey: string}> {
  const hostKeyFile = join(folder, 'hostkey');
  const {stdout} = await promisify(execFile)('dropbearkey', ['-t', 'ed25519', '-f', hostKeyFile]);
  const [hostKey = ''] = /^ssh-ed25519 \S+/m.exec(stdout) ?? [];
  return {hostKeyFile, hostKey};
}

async function makeDisk(file: string, mib: number): Promise<string> {
  const disk = await open(file, 'w');
  await disk.truncate(mib * 1024 ** 2);
  await disk.close();
  return file;
}

async function untilReady(child: ChildProcess): Promise<() => string> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const give = (why: string) => reject(new Error(`the machine ${why}:\n${said}`));
    const timer = setTimeout(give, BOOT_MS, 'did not start in time');
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('machine is ready')) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', () => give('ended'));
    child.once('exit', () => clearTimeout(timer));
  });
  return () => said;
}

function kernel(): string {
  const boot = join(UNPACKED, 'boot');
  return join(boot, readdirSync(boot).find((name) => name.startsWith('vmlinuz-')) ?? 'vmlinuz');
}

function find(program: string): string {
  return SBIN.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? program;
}

function reason(): string | false {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x64';
  const missing = [...PROGRAMS, 'qemu-system-x86_64', 'setpriv', 'dropbearkey'].filter(
    (name) => !find(name).startsWith('/'),
  );
  if (missing.length > 0) return `needs ${missing.join(', ')}`;
  return !existsSync(join(UNPACKED, 'boot')) && `needs a kernel unpacked in ${UNPACKED}, as .ci/run does`;
}
