/** A user's home from which hosts with applications are reached by their names. */
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {TestHost} from '../../app/host/host.ts';
import {emptyFolder} from '../ftask.ts';
import {type HostsHome, homeWith} from '../hosts/home.ts';

/** A home whose ssh_config has these hosts, each with its user admin and these lines more, and these files (path → text). */
export async function appHome(
  hosts: readonly TestHost[],
  files: Readonly<Record<string, string>> = {},
  lines: readonly string[] = [],
): Promise<HostsHome> {
  const config = join(await emptyFolder(), 'config');
  await writeFile(config, hosts.map((host) => [host.sshConfig(), ...lines, '\n'].join('\n  ')).join(''));
  return homeWith(config, files);
}
