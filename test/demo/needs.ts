/** What a demonstration needs of this machine. */
import {existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {noPostgres} from '../app/cluster.ts';
import {noSite} from '../app/site/site.ts';
import {MAIN} from '../e2e/ftask.ts';

/** Each program with the package of Debian that brings it. */
const PROGRAMS = [
  ['ssh', 'openssh-client'],
  ['sshd', 'openssh-server'],
  ['systemctl', 'systemd'],
  ['sudo', 'sudo'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['rsync', 'rsync'],
  ['curl', 'curl'],
  ['python3', 'python3-venv'],
] as const;

/** Why it cannot be shown here, in one line; undefined when it can. */
export function whyNoDemo(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux: it starts a host with systemd on this machine';
  const packages = new Set<string>(PROGRAMS.filter(([program]) => !isThere(program)).map(([, name]) => name));
  if (noPostgres) packages.add('postgresql');
  if (packages.size > 0) {
    const names = [...packages];
    return `needs ${names.join(', ')}; on Debian: apt install ${names.join(' ')}`;
  }
  if (process.getuid?.() !== 0) return 'needs root: it starts a host with systemd on this machine';
  if (!existsSync(MAIN)) return 'needs the built ftask: npm ci, or npm run build';
  return noSite || undefined;
}

function isThere(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}
