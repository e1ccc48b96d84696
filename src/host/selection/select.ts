/** The hosts that a command line means: named, by role, less those that are excluded. */
import {UsageError} from '../../errors.ts';
import {nearestName} from '../../nearest.ts';
import {expandHosts, splitHosts} from './expand.ts';
import {hostParts} from './host-part.ts';

/** Lists of hosts by name; an item is written as for `-H`, or `@role` for all hosts of another role. */
export type Roles = Readonly<Record<string, readonly string[]>>;

/** The hosts of texts as `-H` takes them; `@role` stands for the hosts of a role. @throws UsageError */
export function namedHosts(texts: readonly string[], roles: Roles): string[] {
  return unique(texts.flatMap((text) => splitHosts(text)).flatMap((word) => wordHosts(word, roles, [])));
}

/** The hosts of roles. @throws UsageError on a role that is not configured, that is empty or that names itself */
export function roleHosts(names: readonly string[], roles: Roles): string[] {
  return unique(names.flatMap((name) => hostsOf(name, roles, [])));
}

export interface Narrowed {
  readonly hosts: readonly string[];
  /** Exclusions that met no host: probably slips. */
  readonly idle: readonly string[];
}

/**
 * The hosts without those that are excluded. An exclusion is written as for `-H`, or a pattern with `*` and `?`;
 * it is compared with the whole name and with the host in it.
 */
export function excludeHosts(
  hosts: readonly string[],
  exclusions: readonly string[],
  roles: Roles,
): Narrowed {
  const tests = exclusions
    .flatMap((text) => splitHosts(text))
    .map((word) => ({word, ...exclusion(word, roles)}));
  const left = hosts.filter((name) => !tests.filter(({meets}) => meets(name)).length);
  const idle = tests.filter(({meets}) => !hosts.some(meets)).map(({word}) => word);
  return {hosts: left, idle};
}

function wordHosts(word: string, roles: Roles, above: readonly string[]): string[] {
  return word.startsWith('@') ? hostsOf(word.slice(1), roles, above) : expandHosts(word);
}

function hostsOf(name: string, roles: Roles, above: readonly string[]): string[] {
  const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (role === undefined) throw unknownRole(name, roles, above);
  if (above.includes(name))
    throw new UsageError('BadRole', `role ${name} names itself: ${[...above, name].join(' -> ')}`);
  const hosts = role
    .flatMap((text) => splitHosts(text))
    .flatMap((word) => wordHosts(word, roles, [...above, name]));
  if (hosts.length === 0) throw new UsageError('BadRole', `role ${name} has no hosts`);
  return hosts;
}

function unknownRole(name: string, roles: Roles, above: readonly string[]): UsageError {
  const known = Object.keys(roles);
  const nearest = nearestName(name, known);
  const of = above.length > 0 ? ` (named by ${above.at(-1)})` : '';
  return new UsageError(
    'UnknownRole',
    `there is no role ${name}${of}${nearest ? `; did you mean ${nearest}?` : ''}`,
    {
      hint:
        known.length > 0
          ? `hosts.roles of the configuration has ${known.join(', ')}`
          : 'roles are described under hosts.roles of the configuration',
    },
  );
}

function exclusion(word: string, roles: Roles): {meets: (name: string) => boolean} {
  if (/[*?]/.test(word)) {
    const pattern = new RegExp(`^${word.split('').map(patternOf).join('')}$`, 's');
    return {meets: (name) => pattern.test(name) || pattern.test(hostParts(name).host)};
  }
  const names = new Set(wordHosts(word, roles, []));
  return {meets: (name) => names.has(name) || names.has(hostParts(name).host)};
}

function patternOf(mark: string): string {
  if (mark === '*') return '.*';
  return mark === '?' ? '.' : mark.replace(/[\\^$.|+()[\]{}]/, '\\$&');
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
