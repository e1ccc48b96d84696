/** What a backup tells of itself in its metadata.yml. */
import {asRoot} from '../../disk/as-root.ts';
import {FtaskError} from '../../errors.ts';
import {argv, sh, shellText} from '../../host/command.ts';
import type {Application, Postgres} from '../application.ts';
import {asUser} from '../postgres/access.ts';
import {type Captured, type Metadata, writeMetadata} from '../snapshot/metadata.ts';
import {timestampOf} from '../snapshot/name.ts';
import type {Site} from './site.ts';
import type {Survey} from './survey.ts';

const VERSION_LIMIT_MS = 30_000;
const VERSION_LENGTH = 200;

export interface MetadataRequest {
  readonly application: Application;
  readonly surveyed: Survey;
  readonly startedAt: number;
  readonly captures: ReadonlyMap<string, Captured>;
  readonly toolVersion: string;
}

/** The text of the file. Asks the application for its version and counts its folders. @throws what `Host.run` throws */
export async function metadataOf(
  site: Site,
  {application, surveyed, startedAt, captures, toolVersion}: MetadataRequest,
): Promise<string> {
  const {host, root, name} = site;
  const {archive, diskRatio, extra, leftOut = []} = application;
  const [version, counts] = await Promise.all([versionOf(site, application), countsOf(site, application)]);
  const database = application.components.find((component) => component.kind === 'postgres');
  return writeMetadata({
    timestamp: timestampOf(startedAt),
    host: host.name,
    hostname: surveyed.hostname,
    application: application.name,
    version,
    backupDir: `${root}/${name}`,
    components: {
      ...Object.fromEntries(captures),
      ...Object.fromEntries(leftOut.map((one) => [one, {captured: false} as const])),
    },
    ...(database && {postgres: databaseFacts(database, captures.get(database.name))}),
    counts,
    archive: {
      create: archive !== undefined,
      format: archive?.format ?? '',
      encrypted: (archive?.recipients.length ?? 0) > 0,
    },
    ...(diskRatio !== undefined && {diskOverheadRatio: diskRatio}),
    tool: {name: 'ftask', version: toolVersion},
    extra,
  });
}

/** A backup does not fail for it. */
async function versionOf({host, signal}: Site, {version}: Application): Promise<string> {
  if (!version) return 'unknown';
  const {command, user = 'root'} = version;
  const script = shellText(`cd / || exit 1\nsay() { ${asUser(user)}${argv(...command).text}; }${SAY}`);
  const options = {signal, timeoutMs: VERSION_LIMIT_MS, shownAs: command.join(' ')};
  const said = await host.run(asRoot(script, options)).catch((error: unknown) => {
    if (error instanceof FtaskError && (error.code === 'CommandFailed' || error.code === 'CommandTimedOut'))
      return undefined;
    throw error;
  });
  const [line = ''] = said?.stdout.trim().split('\n') ?? [];
  return line.replaceAll(/\p{Cc}/gu, '').slice(0, VERSION_LENGTH) || 'unknown';
}

/** It may never come to an end, so no more is read than a version can be; the exit code is still its own. */
const SAY = `
{ code=$({ { say; echo $? >&4; } | head -c 4096 >&3; } 4>&1); } 3>&1
[ "$code" -eq 0 ] || [ "$code" -gt 128 ]`;

/** Of what was captured: the living folders may be others by now. */
async function countsOf(
  {host, partial, signal}: Site,
  {counts, components}: Application,
): Promise<Record<string, number>> {
  if (counts.length === 0) return {};
  const paths = counts.map(({path}) => {
    const tree = components.find((one) => one.kind === 'tree' && one.path === path);
    return tree?.kind === 'tree' ? `${partial}/${tree.into}/` : `${path}/`;
  });
  const {stdout} = await host.run(
    asRoot(shellText(`${sh`set -- ${paths}`.text}${COUNT}`), {
      signal,
      shownAs: `count the folders of ${paths.join(' ')}`,
    }),
  );
  const numbers = stdout.trim().split('\n').map(Number);
  return Object.fromEntries(counts.map(({name}, index) => [name, numbers[index] ?? 0]));
}

const COUNT = `
for folder; do
  if [ -d "$folder" ]; then find "$folder" -mindepth 1 -maxdepth 1 -type d -printf . | wc -c; else echo 0; fi
done`;

function databaseFacts(
  component: Postgres,
  captured: Captured | undefined,
): NonNullable<Metadata['postgres']> {
  const {database, host = '', port, options, format} = component;
  const rows = captured?.captured ? captured.rows : undefined;
  return {database, host, port, options: options.join(' '), format, rows: rows ?? {}};
}
