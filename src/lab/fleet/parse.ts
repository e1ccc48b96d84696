/** Reads and validates the lab file; every mistake is told with its file, line and key, all at once. */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {isNode, LineCounter, parseDocument} from 'yaml';
import type {z} from 'zod';
import {UsageError} from '../../errors.ts';
import {type Fleet, type FleetInstance, fleetSchema, regionSchema} from './schema.ts';

/** mkfs.xfs makes none that are smaller. */
const XFS_MIB = 300;

/** The fleet and a digest of the text that described it. */
export interface ParsedFleet {
  readonly fleet: Fleet;
  readonly digest: string;
}

/** Reads a lab file. @throws UsageError InvalidLab */
export function loadFleet(path: string): ParsedFleet {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError('InvalidLab', `cannot read the lab file ${path}`, {cause});
  }
  return parseFleet(text, path);
}

/** Parses the text of a lab file; `file` is only for messages. @throws UsageError InvalidLab */
export function parseFleet(text: string, file: string): ParsedFleet {
  const lines = new LineCounter();
  const document = parseDocument(text, {lineCounter: lines, merge: true});
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map(
        ({message, pos}) => `${file}:${lines.linePos(pos[0]).line}: ${withoutPlace(message)}`,
      ),
    );
  }
  const parsed = fleetSchema.safeParse(document.toJS() ?? {});
  if (parsed.success)
    return {fleet: withImpliedRegions(checkedFleet(parsed.data, file)), digest: digestOf(text)};
  throw invalid(
    parsed.error.issues.map((issue) => {
      const {path, message} = innermost(issue);
      return `${file}:${lineOf(path)}: ${path.join('.') || 'the file'}: ${message}`;
    }),
  );

  function lineOf(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

/** A fleet given as a value, for tests and benches. @throws UsageError InvalidLab */
export function fleetFrom(raw: object): ParsedFleet {
  return parseFleet(JSON.stringify(raw), 'fleet');
}

/** References that the schema cannot see. */
function checkedFleet(fleet: Fleet, file: string): Fleet {
  const problems: string[] = [...linkProblems(fleet, file), ...historyProblems(fleet, file)];
  for (const [name, region] of Object.entries(fleet.regions)) {
    for (const [instanceName, instance] of Object.entries(region.instances)) {
      const key = `regions.${name}.instances.${instanceName}`;
      if (instance && !region.zones.includes(instance.zone)) {
        problems.push(`${file}: ${key}.zone: ${name} has no zone ${instance.zone}`);
      }
      for (const volume of Object.values(instance?.volumes ?? {})) {
        const problem = volumeProblem(volume, region, fleet.hardware);
        if (problem !== undefined) problems.push(`${file}: ${key}.volumes: ${problem}`);
      }
    }
  }
  if (problems.length > 0) throw invalid(problems);
  return fleet;
}

function linkProblems({links, regions}: Fleet, file: string): string[] {
  return links.flatMap(({between}, index) =>
    between
      .filter((name) => !regions[name] && name !== 'us-east-1')
      .map((name) => `${file}: links.${index}.between: no region ${name} under regions`),
  );
}

/** Instances that are generated have names, too, which are not looked at. */
function historyProblems({history, regions, generate}: Fleet, file: string): string[] {
  const known = [...Object.keys(regions), 'us-east-1', ...generate.flatMap((recipe) => recipe.regions)];
  const names = new Set(Object.values(regions).flatMap(({instances}) => Object.keys(instances)));
  return history.flatMap(({instances = [], regions: own = [], replicas}, index) => [
    ...[...own, ...replicas]
      .filter((name) => !known.includes(name))
      .map((name) => `${file}: history.${index}: no region ${name} under regions`),
    ...instances
      .filter((name) => !names.has(name) && !/^host-\d+$/.test(name))
      .map((name) => `${file}: history.${index}.instances: no instance ${name}`),
  ]);
}

type Volumes = FleetInstance['volumes'];

function volumeProblem(
  volume: Volumes[string],
  {shared}: Fleet['regions'][string],
  {mib_per_gib: mibPerGib}: Fleet['hardware'],
): string | undefined {
  if (typeof volume !== 'object') return undefined;
  if ('shared' in volume)
    return shared[volume.shared] ? undefined : `no volume ${volume.shared} under shared`;
  const {filesystem, size} = volume;
  if (filesystem !== 'xfs' || size * mibPerGib >= XFS_MIB) return undefined;
  return `xfs needs ${XFS_MIB} MiB, which is ${Math.ceil(XFS_MIB / mibPerGib)} GiB at hardware.mib_per_gib ${mibPerGib}`;
}

/** A region that instances are made in need not be described, and us-east-1 is there as in every account. */
function withImpliedRegions(fleet: Fleet): Fleet {
  const names = ['us-east-1', ...fleet.generate.flatMap(({regions}) => regions)];
  const missing = names.filter((name) => !fleet.regions[name]);
  const implied = Object.fromEntries(missing.map((name) => [name, regionSchema.parse({})]));
  return {...fleet, regions: {...fleet.regions, ...implied}};
}

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A union fails with one list of issues a branch; the branch that came furthest is the one that was meant. */
function innermost(issue: z.core.$ZodIssue): Mistake {
  if (issue.code === 'invalid_key') {
    return {path: issue.path, message: issue.issues.map(({message}) => message).join('; ')};
  }
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.flatMap(([first]) => (first ? [innermost(first)] : []));
  const best = branches.reduce<Mistake | undefined>(
    (deepest, branch) => (deepest && deepest.path.length >= branch.path.length ? deepest : branch),
    undefined,
  );
  return best ? {path: [...issue.path, ...best.path], message: best.message} : issue;
}

function invalid(problems: readonly string[]): UsageError {
  return new UsageError('InvalidLab', problems.join('\n'), {hint: 'config/lab.yaml shows every key'});
}

/** The YAML library repeats the place and quotes the lines. */
function withoutPlace(message: string): string {
  return message.replace(/( at line \d+, column \d+:?)?\n.*/s, '');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
