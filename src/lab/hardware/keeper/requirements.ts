/** What a machine must have to be a lab's hardware. */
import {existsSync} from 'node:fs';
import {platform, userInfo} from 'node:os';
import {delimiter, join} from 'node:path';
import {UsageError} from '../../../errors.ts';
import {ENVIRONMENT, ProgramFailed, run} from '../run.ts';
import type {Propagation} from './namespaces.ts';

/** Each program that is used, with the Debian package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  bash: 'bash',
  blockdev: 'util-linux',
  btrfs: 'btrfs-progs',
  fsfreeze: 'util-linux',
  ip: 'iproute2',
  losetup: 'mount',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  mount: 'mount',
  nsenter: 'util-linux',
  perl: 'perl-base',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  sudo: 'sudo',
  unshare: 'util-linux',
};

/** Tells how namespaces can be made here. @throws UsageError naming what is missing */
export async function checkRequirements(): Promise<Propagation> {
  if (platform() !== 'linux') throw missing('Linux');
  if (userInfo().uid !== 0) throw missing('root', 'run it with sudo');
  const programs = Object.keys(PROGRAMS).filter((program) => !isInstalled(program));
  if (programs.length > 0) {
    const packages = [...new Set(programs.map((program) => PROGRAMS[program]))];
    throw missing(
      `${programs.join(', ')}, which ${programs.length > 1 ? 'are' : 'is'} not installed here`,
      `apt-get install ${packages.join(' ')}`,
    );
  }
  return propagation();
}

function isInstalled(program: string): boolean {
  return (ENVIRONMENT['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** Where `/` is no mount point, as in a chroot, its propagation cannot be changed. */
async function propagation(): Promise<Propagation> {
  try {
    await run([...UNSHARE, 'private', 'true']);
    return 'private';
  } catch {
    // Tried in another way.
  }
  try {
    await run([...UNSHARE, 'unchanged', 'true']);
    return 'unchanged';
  } catch (error) {
    const why = error instanceof ProgramFailed ? error.stderr.trim() : String(error);
    throw missing(`the right to make namespaces: ${why}`);
  }
}

const UNSHARE = ['unshare', '--mount', '--pid', '--net', '--fork', '--propagation'] as const;

function missing(
  what: string,
  hint = 'without hardware the lab works anywhere: `ftask --lab TASK`',
): UsageError {
  return new UsageError('LabNeeds', `the lab's disks and machines need ${what}`, {hint});
}
