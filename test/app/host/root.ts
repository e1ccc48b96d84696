/** The filesystem of a host before its first boot: a small Debian whose `/usr` is this machine's. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {chmod, chown, mkdir, symlink, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {
  ROOT_COPIES,
  ROOT_LINKS,
  type RootFile,
  rootFiles,
} from '../../../src/lab/hardware/machines/image/root-files.ts';
import {usrLinks} from '../../../src/lab/hardware/machines/image/usr-links.ts';

const run = promisify(execFile);

/** Users of applications, beside root, admin (who may sudo) and nobody. */
export const USERS = {postgres: 110, fastdeploy: 1001, deploy: 1002, app: 1003} as const;

const SSHD_CONFIG = `PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 100
MaxSessions 100
AcceptEnv LANG LC_*
LogLevel VERBOSE
Subsystem sftp internal-sftp
`;

const PAM_RUNUSER = 'auth sufficient pam_rootok.so\nsession required pam_permit.so\n';

const SSH_UNIT = `[Unit]
Description=OpenBSD Secure Shell server
[Service]
ExecStart=/usr/sbin/sshd -D -e
RuntimeDirectory=sshd
RuntimeDirectoryMode=0755
Restart=on-failure
`;

/** What systemd itself needs to be of use. */
const WANTED = [
  ['sysinit', 'systemd-journald.service', '/usr/lib/systemd/system'],
  ['sockets', 'systemd-journald.socket', '/usr/lib/systemd/system'],
  ['sockets', 'systemd-journald-dev-log.socket', '/usr/lib/systemd/system'],
  ['multi-user', 'ssh.service', '/etc/systemd/system'],
] as const;

export interface RootOptions {
  readonly name: string;
  /** A public key that may log in as root and as admin. */
  readonly authorizedKey: string;
  /** Commands that are not installed on it, although they are on this machine. */
  readonly without?: readonly string[];
}

/** Makes the folders that a host is put together from: its `root`, its `/usr/local` and what hides programs. */
export async function makeRoot(
  stage: string,
  {name, authorizedKey, without = []}: RootOptions,
): Promise<void> {
  const root = join(stage, 'root');
  for (const folder of ['cgroup', 'hidden/bin', 'hidden/sbin', 'local/bin', 'local/sbin', 'root'])
    await mkdir(join(stage, folder), {recursive: true});
  for (const entry of [...rootFiles(), ...ownFiles(name, authorizedKey)]) await writeEntry(root, entry);
  for (const [path, target] of [...ROOT_LINKS, ...(await usrLinks())])
    await symlink(target, join(root, path));
  for (const [target, unit, from] of WANTED) {
    const folder = join(root, `etc/systemd/system/${target}.target.wants`);
    await mkdir(folder, {recursive: true});
    await symlink(join(from, unit), join(folder, unit));
  }
  await run('cp', ['-a', ...ROOT_COPIES.map((path) => `/${path}`).filter(existsSync), join(root, 'etc')]);
  await run('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-f',
    join(root, 'etc/ssh/ssh_host_ed25519_key'),
  ]);
  for (const program of without) await hide(join(stage, 'hidden'), program);
}

function ownFiles(name: string, authorizedKey: string): RootFile[] {
  const [first = [], others] = [rootFiles(), Object.entries(USERS)] as const;
  const added = (path: string, line: (user: string, id: number) => string) =>
    `${first.find((file) => file.path === path)?.content}${others.map(([user, id]) => line(user, id)).join('')}`;
  const home = (user: string) => (user === 'postgres' ? '/var/lib/postgresql' : `/home/${user}`);
  return [
    {path: 'etc/hostname', content: `${name}\n`},
    {path: 'etc/hosts', content: `127.0.0.1 localhost\n127.0.1.1 ${name}\n`},
    // systemd gives every host a number of its own.
    {path: 'etc/machine-id', content: ''},
    {
      path: 'etc/passwd',
      content: added('etc/passwd', (u, id) => `${u}:x:${id}:${id}::${home(u)}:/bin/bash\n`),
    },
    {path: 'etc/group', content: added('etc/group', (u, id) => `${u}:x:${id}:\n`)},
    {path: 'etc/shadow', content: added('etc/shadow', (u) => `${u}:*:19500:0:99999:7:::\n`), mode: 0o640},
    {path: 'etc/pam.d/runuser', content: PAM_RUNUSER},
    {path: 'etc/ssh/sshd_config', content: SSHD_CONFIG},
    {path: 'etc/systemd/journald.conf', content: '[Journal]\nStorage=volatile\nRateLimitBurst=0\n'},
    {path: 'etc/systemd/system/ssh.service', content: SSH_UNIT},
    {path: 'root/.ssh', mode: 0o700},
    {path: 'root/.ssh/authorized_keys', content: authorizedKey, mode: 0o600},
    {path: 'home/admin/.ssh', mode: 0o700, owner: 1000},
    {path: 'home/admin/.ssh/authorized_keys', content: authorizedKey, mode: 0o600, owner: 1000},
    ...others.map(([user, id]) => ({path: home(user).slice(1), owner: id})),
  ];
}

async function writeEntry(root: string, {path, content, mode, owner = 0}: RootFile): Promise<void> {
  const target = join(root, path);
  await mkdir(content === undefined ? target : dirname(target), {recursive: true});
  if (content !== undefined) await writeFile(target, content);
  await chmod(target, mode ?? (content === undefined ? 0o755 : 0o644));
  await chown(target, owner, owner);
}

/** A character device 0, 0 is overlayfs's mark of what is deleted. */
async function hide(layer: string, program: string): Promise<void> {
  for (const folder of ['bin', 'sbin']) {
    const isThere = existsSync(join('/usr', folder, basename(program)));
    if (isThere) await run('mknod', [join(layer, folder, basename(program)), 'c', '0', '0']);
  }
}
