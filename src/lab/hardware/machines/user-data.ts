/** What an instance is told at its first boot, in the two forms of user data that the lab understands. */
import {parse} from 'yaml';

export interface FirstBoot {
  /** To be run once as root, its interpreter named in its first line. */
  readonly script?: string;
  /** The private host key, in OpenSSH's format. */
  readonly hostKey?: string;
  /** What is installed when it is up, by the names of packages. */
  readonly packages?: readonly string[];
}

/**
 * Reads user data as cloud-init does: a `#!` script, or a `#cloud-config` of which `ssh_keys.ed25519_private` and
 * `packages` count. Anything else is nothing, as it is there: an instance comes up whatever it is told.
 */
export function readUserData(userData = ''): FirstBoot {
  if (userData.startsWith('#!')) return {script: userData};
  if (!/^#cloud-config\s*$/m.test(userData.split('\n', 1)[0] ?? '')) return {};
  const config = yaml(userData);
  const hostKey = field(field(config, 'ssh_keys'), 'ed25519_private');
  const packages = field(config, 'packages');
  return {
    ...(typeof hostKey === 'string' && {hostKey: `${hostKey.trim()}\n`}),
    ...(Array.isArray(packages) && {packages: packages.filter((name) => typeof name === 'string')}),
  };
}

function yaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return value instanceof Object ? Reflect.get(value, name) : undefined;
}
