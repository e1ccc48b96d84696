/** Whether a snapshot can be restored on this host: whose it is, what the host has, and whether there is room. */
import {RefusedError} from '../../../errors.ts';
import {sh} from '../../../host/command.ts';
import type {Application, Service} from '../../application.ts';
import {looking} from '../../backup/site.ts';
import {inMiB} from '../../backup/survey.ts';
import {rolesOf, type Traits} from '../../postgres/traits.ts';
import type {Metadata} from '../../snapshot/metadata.ts';
import type {Steps} from '../plan/steps.ts';
import {type Standing, standingOf} from './databases.ts';
import type {Snapshot} from './integrity.ts';
import type {Looking} from './source.ts';

export interface FitRequest {
  readonly application: Application;
  readonly snapshot: Snapshot;
  readonly steps: Steps;
  /** The host that is meant, whichever the snapshot is of. */
  readonly targetHost?: string;
  /** Whether a backup is made first. */
  readonly hasSafety: boolean;
}

/** The host as it is before anything is changed. */
export interface Fit {
  /** By the name of the component. */
  readonly databases: ReadonlyMap<string, Standing>;
  /** Ids of users and groups by name, of those of the snapshot that are there. */
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
}

/** Looks at everything and changes nothing. @throws RefusedError, which tells all that is wrong; CommandFailed */
export async function checkFit(from: Looking, request: FitRequest): Promise<Fit> {
  const {steps, application} = request;
  const [machine, standings, ids] = await Promise.all([
    lookAtMachine(from, request),
    Promise.all(steps.databases.map(({component}) => standingOf(from.host, component, from.signal))),
    lookForIds(from, steps),
  ]);
  const databases = new Map(
    steps.databases.map(({component}, index) => [component.name, standings[index] as Standing]),
  );
  checkHost(from, request, machine.hostname);
  const problems = [...machine.problems, ...roleProblems(steps, databases)];
  if (problems.length > 0) {
    throw new RefusedError(
      'CannotRestore',
      `${from.host.name}: ${application.name} cannot be restored: ${problems.join('; ')}`,
      {hint: 'nothing was changed'},
    );
  }
  await checkRoom(from, request, databases);
  return {databases, ...ids};
}

/** The traits that a database gets: those of the living one, else those of the snapshot. */
export function traitsFor(snapshot: Traits | undefined, standing: Standing | undefined): Traits | undefined {
  return standing?.traits ?? snapshot;
}

/** @throws RefusedError `OtherHost` */
function checkHost({host}: Looking, {snapshot, targetHost}: FitRequest, hostname: string): void {
  const {metadata} = snapshot;
  const isMeant = targetHost === undefined || targetHost === host.name || targetHost === hostname;
  if (!isMeant)
    throw new RefusedError('OtherHost', `${host.name} is not ${targetHost}, which --target-host names`);
  if (targetHost !== undefined || isOf(metadata, [host.name, hostname])) return;
  const of = metadata.hostname || metadata.host;
  throw new RefusedError('OtherHost', `${host.name}: ${snapshot.source.path} is of the host ${of}`, {
    hint: `if it is meant for this one: --target-host ${host.name}; nothing was changed`,
  });
}

/** What a host calls itself counts; older tools kept only what they called it. */
function isOf({host, hostname}: Metadata, [name, itself]: readonly [string, string]): boolean {
  return hostname === '' ? host === name || host === itself : hostname === itself;
}

interface Machine {
  readonly hostname: string;
  readonly problems: readonly string[];
}

async function lookAtMachine({host, signal}: Looking, request: FitRequest): Promise<Machine> {
  const {application, steps} = request;
  const script = [
    sh`set -- ${programsFor(request)}`.text,
    LOOK_FOR_PROGRAMS,
    ...application.services.map((one) => lookForService(one, steps)),
  ].join('\n');
  const {stdout} = await host.run(looking(script, {signal, shownAs: 'look for programs and services'}));
  const [hostname = '', ...problems] = stdout.trimEnd().split('\n');
  return {hostname, problems};
}

const LOOK_FOR_PROGRAMS = `
uname -n
for program; do
  command -v "$program" >/dev/null || echo "there is no $program on the host"
done`;

function programsFor({application, steps}: FitRequest): string[] {
  const {services, health} = application;
  const hasSudoRules = steps.files.some(({target}) => target.startsWith('/etc/sudoers'));
  return [
    'flock',
    'setsid',
    'rsync',
    ...(steps.databases.length > 0 ? ['setpriv', 'psql'] : []),
    ...(steps.databases.some(({format}) => format === 'custom') ? ['pg_restore'] : []),
    ...(services.some(({kind}) => kind === 'systemd') ? ['systemctl'] : []),
    ...(services.some(({kind}) => kind === 'compose') ? ['docker'] : []),
    ...(health?.url === undefined ? [] : ['curl']),
    ...(hasSudoRules ? ['visudo'] : []),
  ];
}

/** One that the snapshot brings need not be there yet. */
function lookForService(service: Service, {files, trees}: Steps): string {
  if (service.kind === 'systemd') {
    const {unit} = service;
    const isBrought = files.some(({target}) => target.endsWith(`/${unit}`));
    return isBrought
      ? ''
      : sh`systemctl cat -- ${unit} >/dev/null 2>&1 || echo ${`there is no unit ${unit}`}`.text;
  }
  if (service.kind === 'commands') return '';
  const {project, service: name} = service;
  if (trees.some(({component}) => `${project}/`.startsWith(`${component.path}/`))) return '';
  const missing = `there is no service ${name} in ${project}`;
  return sh`docker compose --project-directory ${project} config --services </dev/null 2>/dev/null | grep -qxF -e ${name} || echo ${missing}`
    .text;
}

function roleProblems(steps: Steps, standings: ReadonlyMap<string, Standing>): string[] {
  return steps.databases.flatMap(({component, traits}) => {
    const standing = standings.get(component.name);
    const like = traitsFor(traits, standing);
    const needed = like ? rolesOf(like) : [component.owner];
    const missing = needed.filter((role) => standing?.roles.has(role) !== true);
    return [
      ...missing.map((role) => `there is no role ${role} in PostgreSQL, which ${component.database} needs`),
      ...(standing?.mayCreate === true ? [] : [`the role ${component.user} may not create databases`]),
    ];
  });
}

/** A database that is loaded anew may take more than its dump. */
const LOADED = 2;

/** @throws RefusedError `NoSpace` */
async function checkRoom(
  {host, signal}: Looking,
  {application, steps, hasSafety}: FitRequest,
  standings: ReadonlyMap<string, Standing>,
): Promise<void> {
  const databases = steps.databases.flatMap(({component, bytes}) => {
    const {dataFolder, bytes: now = 0} = standings.get(component.name) ?? {};
    return dataFolder === undefined ? [] : ['more', dataFolder, Math.max(now, LOADED * bytes)];
  });
  const trees = steps.trees.flatMap(({component: {path}, bytes}) => ['instead', path, bytes]);
  // A safety backup looks for its own room, and what is kept aside is then linked to it.
  const keptIn = hasSafety ? '' : application.root;
  const words = sh`kept=${keptIn}; set -- ${[...databases, ...trees]}`.text;
  const {stdout} = await host.run(looking(words + SPACE, {signal, shownAs: 'look for room'}));
  const needs = new Map<string, number>();
  for (const [, bytes, free, place = ''] of stdout.matchAll(/^(-?\d+) +(\d+) (.+)$/gm)) {
    const needed = (needs.get(place) ?? 0) + Math.max(0, Number(bytes));
    needs.set(place, needed);
    if (needed <= Number(free)) continue;
    const told = `${inMiB(needed)}, and ${inMiB(Number(free))} are free`;
    throw new RefusedError('NoSpace', `${host.name}: the restore may need ${told} on ${place}`, {
      hint: 'make room there; nothing was changed',
    });
  }
}

/** Prints what is needed, what is free on that filesystem, and where it is mounted. What a folder has now is replaced. */
const SPACE = `
need() {
  at=$1
  while [ ! -e "$at" ]; do at=$(dirname "$at"); done
  echo "$2 $(df -B1 --output=avail,target "$at" | tail -n 1)"
}
while [ $# -gt 0 ]; do
  now=0
  if [ "$1" = instead ] && [ -d "$2" ]; then now=$(du -sB1 "$2/" 2>/dev/null | cut -f 1); fi
  need "$2" $(($3 - now))
  [ -z "$kept" ] || need "$kept" "$now"
  shift 3
done`;

async function lookForIds({host, signal}: Looking, steps: Steps): Promise<Pick<Fit, 'users' | 'groups'>> {
  const entries = [...steps.trees.flatMap((tree) => tree.entries), ...steps.files.map(({entry}) => entry)];
  const names = (of: 'owner' | 'group') => [...new Set(entries.map((entry) => entry[of]))];
  const script = `${sh`users=${names('owner').join('\n')} groups=${names('group').join('\n')}`.text}${IDS}`;
  const {stdout} = await host.run(looking(script, {signal, shownAs: 'look for users and groups'}));
  const found = (kind: string) =>
    new Map(
      [...stdout.matchAll(/^(user|group) (\d+) (.+)$/gm)]
        .filter(([, which]) => which === kind)
        .map(([, , id, name = '']) => [name, Number(id)]),
    );
  return {users: found('user'), groups: found('group')};
}

/** Numbers are no names, though getent takes them for such. */
const IDS = `
look() {
  printf '%s\\n' "$2" | while read -r name; do
    case $name in "" | *[!0-9]*) ;; *) continue ;; esac
    id=$(getent "$3" "$name" | cut -d : -f 3)
    [ -z "$id" ] || echo "$1 $id $name"
  done
}
look user "$users" passwd
look group "$groups" group`;
