/** What there is to capture, before anything is written: what is missing, and whether it fits. */

import {RefusedError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {bytesText} from '../../words.ts';
import {tellNested} from '../apart.ts';
import type {Application, Component} from '../application.ts';
import {findDatabase} from './capture/database.ts';
import {findFiles} from './capture/files.ts';
import type {Found} from './capture/found.ts';
import {findJournal, findPrinted} from './capture/printed.ts';
import {findTree} from './capture/tree.ts';
import {looking} from './site.ts';

export interface Survey {
  readonly hostname: string;
  readonly components: readonly Surveyed[];
  /** Bytes of all components. */
  readonly content: number;
  /** Bytes that must be free; undefined when that is not looked at. */
  readonly needed?: number;
  /** Bytes that are free on the filesystem of the snapshots, with those that leftovers of dead runs take. */
  readonly free: number;
}

export interface Surveyed {
  readonly component: Component;
  readonly found: Found;
}

/**
 * Looks at all components at once, and changes nothing.
 * @throws RefusedError `Missing` when something is not there without which there is no backup; CommandFailed
 */
export async function survey(host: Host, application: Application): Promise<Survey> {
  const [machine, ...components] = await Promise.all([
    lookAtMachine(host, application),
    ...application.components.map(async (component) => ({component, found: await find(host, component)})),
  ]);
  const missing = [
    ...machine.missing,
    ...components.flatMap(({component, found}) => needs(component, found)),
  ];
  if (missing.length > 0) {
    throw new RefusedError(
      'Missing',
      `${host.name}: ${application.name} cannot be backed up: ${missing.join('; ')}`,
      {
        hint: 'nothing was written',
      },
    );
  }
  const content = components.reduce((sum, {found}) => sum + (found.bytes ?? 0), 0);
  const {diskRatio} = application;
  return {
    hostname: machine.hostname,
    components,
    content,
    ...(diskRatio !== undefined && {needed: neededFor(content, diskRatio, application)}),
    free: machine.free,
  };
}

/**
 * How much must be free for so many bytes: the ratio times as much, since a dump may be larger than its database; and at
 * least room for an archive beside the folder, which is as large as that when all of it is compressed already. A ratio
 * below 1 is for who knows better.
 */
export function neededFor(content: number, ratio: number, {archive}: Pick<Application, 'archive'>): number {
  const both = archive ? content * (2 + ARCHIVE_MARGIN) : content;
  return Math.ceil(Math.max(content * ratio, both * Math.min(1, ratio)));
}

/** What tar and a compressor that achieves nothing add. */
const ARCHIVE_MARGIN = 0.01;

/** @throws RefusedError `NoSpace` when it does not fit */
export function checkSpace(host: Host, root: string, {needed = 0}: Survey, free: number): void {
  if (free >= needed) return;
  throw new RefusedError(
    'NoSpace',
    `${host.name}: the backup may need ${bytesText(needed)}, and ${root} has ${bytesText(free)} free`,
    {
      hint: `make room for ${bytesText(needed - free)} more there, or lower disk_overhead_ratio; no backup was begun`,
    },
  );
}

async function find(host: Host, component: Component): Promise<Found> {
  switch (component.kind) {
    case 'postgres':
      return findDatabase(host, component);
    case 'tree':
      return findTree(host, component);
    case 'files':
      return findFiles(host, component);
    case 'journal':
      return findJournal(host, component);
    case 'output':
      return findPrinted(component);
  }
}

function needs(component: Component, {missing}: Found): readonly string[] {
  const isRequired = component.kind === 'postgres' || component.required;
  return isRequired ? missing.map((what) => `${component.name}: ${what}`) : [];
}

interface Machine {
  readonly hostname: string;
  readonly missing: readonly string[];
  readonly free: number;
}

async function lookAtMachine(host: Host, application: Application): Promise<Machine> {
  const {root, requires} = application;
  const words = sh`root=${root} programs=${programsFor(application).join(' ')}; set -- ${requires}`.text;
  const trees = application.components.flatMap((one) => (one.kind === 'tree' ? [one] : []));
  const script = `${words}${LOOK}${tellNested(application, trees)}${tryKeys(application)}`;
  const {stdout} = await host.run(looking(script, {shownAs: `look at ${root}`}));
  const [hostname = '', free = '0', left = '0', ...missing] = stdout.trimEnd().split('\n');
  return {hostname, free: Number(free) + Number(left), missing};
}

/** The folder of the snapshots may not be there yet. */
const LOOK = `
uname -n
there=$root
left=$(du -scB1 "$root"/.*.partial 2>/dev/null | tail -n 1 | cut -f 1)
until [ -d "$there" ]; do there=$(dirname "$there"); done
df -B1 --output=avail "$there" | tail -n 1
echo "\${left:-0}"
for program in $programs; do
  command -v "$program" >/dev/null || echo "there is no $program on the host"
done
for path; do [ -e "$path" ] || echo "there is no $path"; done
`;

/** Keys that age does not take are told before there is anything to encrypt. */
function tryKeys({archive}: Application): string {
  const keys = (archive?.recipients ?? []).flatMap((key) => ['-r', key]);
  if (keys.length === 0) return '';
  return sh`
! command -v age >/dev/null || age ${keys} </dev/null 2>&1 >/dev/null | sed -n 's/^age: error: //p'`.text;
}

function programsFor({components, archive, checksums}: Application): string[] {
  return [
    'flock',
    'find',
    'sort',
    ...(components.some(({kind}) => kind === 'tree') ? ['rsync'] : []),
    ...(archive || checksums ? ['sha256sum'] : []),
    ...(archive ? ['tar', archive.format === 'tar.gz' ? 'gzip' : 'zstd'] : []),
    ...(archive && archive.recipients.length > 0 ? ['age'] : []),
  ];
}
