/** Which regions a task works on: enabled ones only, named in full or by how they begin. */
import {UsageError} from '../errors.ts';
import {KNOWN_REGIONS} from '../known-regions.ts';
import {type Ec2, homeRegion} from './client.ts';
import type {Region} from './ids.ts';

export interface RegionChoice {
  /** What the operator typed, each a region or the beginning of some; all enabled ones when empty. */
  readonly wanted?: readonly string[];
  /** The regions that configuration limits ftask to, by their full names; empty for no limit. */
  readonly allowed?: readonly string[];
  /** What the operator calls the choice of one region; `--region` by default. */
  readonly option?: string;
}

/**
 * The regions of a task that works on a set of them.
 * @throws UsageError when a text matches no region; one that cannot match is refused before EC2 is asked
 */
export async function chooseRegions(ec2: Ec2, choice: RegionChoice, signal?: AbortSignal): Promise<Region[]> {
  checkNames(choice);
  return matchRegions(await enabledRegions(ec2, choice, signal), choice.wanted ?? []);
}

/**
 * The region of a task that works in one: the text in full, else the only region that begins with
 * it; without a text, the region of the environment or the profile.
 * @throws UsageError that lists the candidates when it is not exactly one
 */
export async function chooseRegion(
  ec2: Ec2,
  choice: RegionChoice & {wanted?: readonly [string]},
  signal?: AbortSignal,
): Promise<Region> {
  checkNames(choice);
  const {option = '--region'} = choice;
  const text = choice.wanted?.[0] ?? (await ec2.defaultRegion());
  if (text === undefined) {
    throw new UsageError('NoRegion', 'no region given', {hint: `Give ${option}, or set AWS_REGION.`});
  }
  const wanted = [text];
  const found = matchRegions(await enabledRegions(ec2, {...choice, wanted}, signal), wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new UsageError('AmbiguousRegion', `${option} ${text} could be ${found.join(', ')}`, {
    hint: 'Name one of them in full.',
  });
}

/** Regions that are, or begin with, one of the texts; an exact name wins over a prefix. All for no text. */
export function matchRegions(enabled: readonly Region[], wanted: readonly string[]): Region[] {
  if (wanted.length === 0) return [...enabled];
  const found = wanted.flatMap((text) => {
    const matches = matching(enabled, text);
    if (matches.length === 0) throw noSuchRegion(text, enabled);
    return matches;
  });
  return [...new Set(found)];
}

/** A region that configuration names is expected to be worked in: to leave it out in silence would be a lie. */
async function enabledRegions(
  ec2: Ec2,
  {wanted = [], allowed = []}: RegionChoice,
  signal?: AbortSignal,
): Promise<Region[]> {
  const answer = await ec2.call(await homeRegion(ec2), 'DescribeRegions', {}, signal);
  const enabled = (answer.Regions ?? [])
    .filter(({OptInStatus}) => OptInStatus !== 'not-opted-in')
    .map((region) => region.RegionName as Region)
    .sort((a, b) => a.localeCompare(b, 'en'));
  if (allowed.length === 0) return enabled;
  const meant = wanted.length === 0 ? allowed : wanted.flatMap((text) => matching(allowed, text));
  const closed = meant.filter((name) => !enabled.some((region) => region === name));
  if (closed.length === 0) return enabled.filter((region) => allowed.includes(region));
  throw new UsageError('RegionNotEnabled', `aws.regions names ${closed.join(', ')}, which is not enabled`, {
    hint: 'Correct the name, enable it in the account settings, or take it out of aws.regions.',
  });
}

function checkNames({wanted = [], allowed = []}: RegionChoice): void {
  const known = [...KNOWN_REGIONS, ...allowed];
  for (const text of wanted) if (matching(known, text).length === 0) throw noSuchRegion(text, known);
}

function matching<Name extends string>(names: readonly Name[], text: string): Name[] {
  const exact = names.filter((name) => name === text);
  return exact.length > 0 ? exact : names.filter((name) => text !== '' && name.startsWith(text));
}

function noSuchRegion(text: string, regions: readonly string[]): UsageError {
  const few = regions.length <= 24;
  return new UsageError('NoSuchRegion', `no ${few ? 'enabled ' : ''}region is or begins with "${text}"`, {
    hint: few
      ? `Enabled: ${regions.join(', ')}.`
      : 'Region names look like eu-west-1; one that AWS opened lately goes into aws.regions of the configuration.',
  });
}
