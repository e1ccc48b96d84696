/** The names that a shell completes hosts with: read from files, quickly, without a word about what is wrong in them. */
import {loadConfig, type Surroundings} from '../config/load.ts';
import {expandHosts, splitHosts} from '../host/selection/expand.ts';
import {sshHostNames} from '../ssh/config/host-names.ts';

export interface HostNameSources extends Surroundings {
  /** The file of `--config`. */
  readonly configFile?: string;
  readonly uid: number;
}

export interface HostNames {
  readonly hosts: readonly string[];
  readonly roles: readonly string[];
}

/** Hosts of the ssh files and of the roles in the configuration, and the roles. */
export async function hostNames({uid, ...sources}: HostNameSources): Promise<HostNames> {
  const loaded = await loadConfig(sources).catch(() => undefined);
  const roles = loaded?.values.hosts.roles ?? {};
  const members = Object.values(roles).flat().flatMap(splitHosts);
  const named = members.filter((member) => !member.startsWith('@')).flatMap(expandHosts);
  const ssh = await sshHostNames({homeDir: sources.homeDir, uid});
  return {hosts: [...new Set([...named, ...ssh])].sort(), roles: Object.keys(roles).sort()};
}
