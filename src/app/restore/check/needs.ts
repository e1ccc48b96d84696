/** Programs and services that a restore needs on its host. */
import {sh} from '../../../host/command.ts';
import {tellNested} from '../../apart.ts';
import type {Application, Service} from '../../application.ts';
import {looking} from '../../backup/site.ts';
import type {Steps} from '../plan/steps.ts';
import type {Looking} from './source.ts';
import {isSudoRules} from './sudo-rules.ts';

export interface Machine {
  readonly hostname: string;
  /** What is missing, each in a few words. */
  readonly problems: readonly string[];
}

/** Looks for them. @throws CommandFailed */
export async function lookAtMachine(
  {host, signal}: Looking,
  application: Application,
  steps: Steps,
): Promise<Machine> {
  const script = [
    sh`set -- ${programsFor(application, steps)}`.text,
    LOOK_FOR_PROGRAMS,
    tellNested(
      application,
      steps.trees.map(({component}) => component),
    ),
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

function programsFor({services, health}: Application, steps: Steps): string[] {
  const hasSudoRules = steps.files.some(({target}) => isSudoRules(target));
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
