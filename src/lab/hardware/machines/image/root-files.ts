/** The system on the root disk of the lab's images: a small Debian of our own making, whose `/usr` is the machine's. */

/** A file or, without content, a folder; root's unless told. Its mode is 0644, or 0755. */
export interface RootFile {
  readonly path: string;
  readonly content?: string;
  readonly mode?: number;
  readonly owner?: number;
}

/** The user of whoever may log in. */
const ADMIN = 1000;

const FOLDERS = [
  'boot',
  'dev',
  'home',
  'media',
  'mnt',
  'opt',
  'proc',
  'run',
  'srv',
  'sys',
  'usr',
  'var/cache',
  'var/lib',
  'var/local',
  'var/log',
  'var/opt',
  'var/spool',
];

const USERS = [
  ['root', 0, '/root', '/bin/bash'],
  ['daemon', 1, '/usr/sbin', '/usr/sbin/nologin'],
  ['bin', 2, '/bin', '/usr/sbin/nologin'],
  ['sys', 3, '/dev', '/usr/sbin/nologin'],
  ['www-data', 33, '/var/www', '/usr/sbin/nologin'],
  ['backup', 34, '/var/backups', '/usr/sbin/nologin'],
  ['sshd', 105, '/run/sshd', '/usr/sbin/nologin'],
  ['admin', ADMIN, '/home/admin', '/bin/bash'],
  ['nobody', 65534, '/nonexistent', '/usr/sbin/nologin'],
] as const;

const GROUPS = [
  ['root', 0],
  ['daemon', 1],
  ['bin', 2],
  ['sys', 3],
  ['adm', 4],
  ['tty', 5],
  ['disk', 6],
  ['mail', 8],
  ['sudo', 27],
  ['www-data', 33],
  ['backup', 34],
  ['shadow', 42],
  ['utmp', 43],
  ['staff', 50],
  ['users', 100],
  ['admin', ADMIN],
  ['nogroup', 65534],
] as const;

const SSHD_CONFIG = `PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
`;

const SUDOERS = `Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
`;

const PAM_OTHER = `auth required pam_deny.so
account required pam_permit.so
password required pam_deny.so
session required pam_permit.so
`;

const PAM_SU = `auth sufficient pam_rootok.so
auth required pam_deny.so
account required pam_permit.so
session required pam_permit.so
`;

const NSSWITCH = ['passwd', 'group', 'shadow', 'hosts'].map((name) => `${name}: files\n`).join('');

const PROFILE = `if [ "$(id -u)" -eq 0 ]; then
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
else
  PATH=/usr/local/bin:/usr/bin:/bin
fi
export PATH
`;

/** Its files, and the folders that are not above one of them. */
export function rootFiles(): readonly RootFile[] {
  return [
    ...FOLDERS.map((path) => ({path})),
    {path: 'tmp', mode: 0o1777},
    {path: 'var/tmp', mode: 0o1777},
    {path: 'root', mode: 0o700},
    {path: 'home/admin', mode: 0o755, owner: ADMIN},
    {path: 'etc/debian_version', content: '12.0\n'},
    {path: 'etc/fstab', content: '# <file system> <mount point> <type> <options> <dump> <pass>\n'},
    {path: 'etc/group', content: GROUPS.map(([name, id]) => `${name}:x:${id}:\n`).join('')},
    {path: 'etc/nsswitch.conf', content: NSSWITCH},
    {path: 'etc/pam.d/other', content: PAM_OTHER},
    {path: 'etc/pam.d/su', content: PAM_SU},
    {path: 'etc/passwd', content: USERS.map(passwdLine).join('')},
    {path: 'etc/profile', content: PROFILE},
    {path: 'etc/resolv.conf', content: ''},
    // A star: no password. An exclamation mark would lock the account for keys too.
    {
      path: 'etc/shadow',
      content: USERS.map(([name]) => `${name}:*:19500:0:99999:7:::\n`).join(''),
      mode: 0o640,
    },
    {path: 'etc/shells', content: '/bin/sh\n/bin/bash\n'},
    {path: 'etc/ssh/sshd_config', content: SSHD_CONFIG},
    {path: 'etc/sudoers', content: SUDOERS, mode: 0o440},
    {path: 'etc/sudoers.d/90-cloud-init-users', content: 'admin ALL=(ALL) NOPASSWD:ALL\n', mode: 0o440},
  ];
}

/** What is a link in it. */
export const ROOT_LINKS: readonly (readonly [path: string, target: string])[] = [
  ['etc/localtime', '/usr/share/zoneinfo/Etc/UTC'],
  ['etc/mtab', '../proc/self/mounts'],
  ['etc/os-release', '../usr/lib/os-release'],
  ['var/lock', '/run/lock'],
  ['var/run', '/run'],
];

/** What fits the machine's `/usr` and so has to be as it is there; none of it is a secret. */
export const ROOT_COPIES: readonly string[] = [
  'etc/alternatives',
  'etc/ld.so.cache',
  'etc/ld.so.conf',
  'etc/ld.so.conf.d',
  'etc/mke2fs.conf',
  'etc/protocols',
  'etc/services',
];

function passwdLine([name, id, home, shell]: (typeof USERS)[number]): string {
  const group = id === 105 ? 65534 : id;
  return `${name}:x:${id}:${group}:${name}:${home}:${shell}\n`;
}
