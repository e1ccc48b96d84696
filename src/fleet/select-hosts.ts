/** Which hosts a run works on: what the operator named, made of configuration and of what EC2 knows. */
import type {Config} from '../config/schema.ts';
import type {Ec2} from '../ec2/client.ts';
import {chooseRegions} from '../ec2/regions.ts';
import {addressOf, findTaggedHosts, type TaggedHost, type WantedTag} from '../ec2/tagged-hosts.ts';
import {UsageError} from '../errors.ts';
import {excludeHosts, namedHosts, roleHosts} from '../host/selection/select.ts';
import type {RunContext} from '../runner/task.ts';

/** What the command line says of the hosts. */
export interface HostWish {
  /** As `-H` takes them. */
  readonly hosts?: readonly string[];
  readonly role?: readonly string[];
  /** `NAME=VALUE` each; of several names all must hold, of several values of one name any. */
  readonly hostsByTag?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface SelectedHost {
  /** As people know it. */
  readonly name: string;
  /** What is connected to: the same, but for instances that are found by tag. */
  readonly target: string;
}

export interface SelectTools {
  readonly config: Config;
  readonly ec2: () => Promise<Ec2>;
  readonly run: Pick<RunContext, 'progress' | 'signal'>;
}

/**
 * The hosts in the order they were named, each once; none when nothing was asked for.
 * @throws UsageError when what was asked for is no host at all
 */
export async function selectHosts(wish: HostWish, tools: SelectTools): Promise<SelectedHost[]> {
  const {hosts = [], role = [], hostsByTag = [], exclude = []} = wish;
  const {roles} = tools.config.hosts;
  const named = [...namedHosts(hosts, roles), ...roleHosts(role, roles)].map((name) => ({
    name,
    target: name,
  }));
  const tagged = hostsByTag.length === 0 ? [] : await hostsWithTags(hostsByTag, tools);
  const all = new Map([...named, ...tagged].map((host) => [host.name, host]));
  const isAsked = hosts.length + role.length + hostsByTag.length > 0;
  if (!isAsked) return [];
  const {hosts: left, idle} = excludeHosts([...all.keys()], exclude, roles);
  for (const word of idle) tools.run.progress.warn(`--exclude ${word} meets none of the hosts`);
  if (left.length === 0) throw nobody(all.size);
  return left.flatMap((name) => all.get(name) ?? []);
}

async function hostsWithTags(texts: readonly string[], tools: SelectTools): Promise<SelectedHost[]> {
  const {config, run} = tools;
  const tags = texts.map(tagOf);
  const ec2 = await tools.ec2();
  const regions = await chooseRegions(ec2, {allowed: config.aws.regions}, run.signal);
  const found = await findTaggedHosts(ec2, regions, tags, run.signal);
  if (found.length === 0) {
    const where = regions.length === 1 ? regions[0] : `${regions.length} regions`;
    throw new UsageError('NoHosts', `--hosts-by-tag ${texts.join(' ')} matched nothing in ${where}`, {
      hint: 'only running instances count; aws.regions of the configuration says where they are looked for',
    });
  }
  const names = hostNames(found);
  return found.map((host, index) => ({
    name: names[index] ?? host.id,
    target: addressOf(host, config.hosts.address),
  }));
}

function tagOf(text: string): WantedTag {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError('BadTag', `--hosts-by-tag: '${text}' is not NAME=VALUE`);
  return {name: text.slice(0, equals), value: text.slice(equals + 1)};
}

/** The Name tag where it is a name and of one instance only, else the id. */
function hostNames(hosts: readonly TaggedHost[]): string[] {
  const counts = new Map<string, number>();
  for (const {name = ''} of hosts) counts.set(name, (counts.get(name) ?? 0) + 1);
  return hosts.map(({name = '', id}) => (/^\w[\w.-]*$/.test(name) && counts.get(name) === 1 ? name : id));
}

function nobody(excluded: number): UsageError {
  if (excluded > 0)
    return new UsageError(
      'NoHosts',
      `--exclude leaves none of ${excluded} ${excluded === 1 ? 'host' : 'hosts'}`,
    );
  return new UsageError('NoHosts', 'no host is named', {hint: '-H takes names such as web1,web[2-9]'});
}
