/** The options of fastdeploy_backup: each has the name of its key in the configuration, and wins over it. */
import {z} from 'zod';
import type {FastdeploySettings} from '../../app/fastdeploy.ts';
import {fastdeployBackup} from '../../config/fields/fastdeploy.ts';
import {UsageError} from '../../errors.ts';
import {keyValues, list, secret} from '../../runner/option.ts';
import {kebabCase} from '../../runner/option-spec.ts';
import {keepOptions} from './keep-options.ts';

/** A part of the task's options. */
export const fastdeployOptions = {
  root: path('Folder of the snapshots on the host.'),
  prefix: text('What the names of the snapshots begin with.', 'TEXT'),
  user: text('The user that FastDeploy runs as.', 'USER'),
  site_path: path('Its site; /home/USER/site by default.'),
  env_file: path('Its environment; .env in the site by default.'),
  services_path: path('Its services; services in the site by default.'),
  manage_python: path('Its Python; .venv/bin/python in the site by default.'),
  deploy_home: path('Home of the user who deploys.'),
  runner_root: path('The runners; runners in that home by default.'),
  workspace_path: path('The workspace; _workspace in that home by default.'),
  include_workspace: choice('Take the workspace, too.'),
  require_runner_root: choice('Without runners there is no backup.'),
  runner_rsync_excludes: texts('What rsync leaves out of the runners.', 'PATTERN'),
  include_logs: choice('Take the journal of the first unit, too.'),
  logs_output: text('The file of the journal in a snapshot.', 'FILE'),
  postgres_database: text('The database.', 'NAME'),
  postgres_user: text('The role of PostgreSQL that dumps it.', 'ROLE'),
  postgres_password: secret('File with the password of that role.').optional(),
  postgres_host: text('Where PostgreSQL is; the local socket by default.', 'HOST'),
  postgres_port: z.number().int().min(1).max(65_535).optional().describe('Its port.'),
  postgres_become_user: text("The user of the host that PostgreSQL's programs run as.", 'USER'),
  postgres_dump_binary: text('The program that dumps.', 'PROGRAM'),
  postgres_dump_options: text('Its options, as in --postgres-dump-options="--clean --no-owner".', 'OPTIONS'),
  systemd_units: texts('Unit files.', 'PATH'),
  traefik_config_path: path('Configuration of Traefik.'),
  sudoers_glob: path('Rules of sudo.'),
  create_archive: choice('Make an archive beside the folder of the snapshot.'),
  archive_format: z
    .enum(['tar.gz', 'tar.zst'])
    .optional()
    .describe('Its format.')
    .meta({placeholder: 'tar.gz|tar.zst'}),
  age_recipients: texts('Encrypt it to these public keys of age.', 'KEY'),
  fetch_local: choice('Bring it to this machine.'),
  local_dir: path('Folder on this machine that it is brought to.'),
  disk_check_enabled: choice('Look whether there is room before anything is written.'),
  disk_overhead_ratio: z
    .number()
    .positive()
    .max(100)
    .optional()
    .describe('How many times the estimate must be free.'),
  keep: keepOptions.keep,
  keep_local: keepOptions.keepLocal,
  generate_checksums: choice('Hash all files for the manifest.'),
  metadata_extra: keyValues('Goes into metadata.yml.'),
};

type Given = z.output<z.ZodObject<typeof fastdeployOptions>>;

/** Those that say where things are; the others say what a backup takes. */
export const fastdeployPlaces = placesIn(fastdeployOptions);

function placesIn({
  prefix: _prefix,
  include_workspace: _includeWorkspace,
  require_runner_root: _requireRunnerRoot,
  include_logs: _includeLogs,
  logs_output: _logsOutput,
  postgres_dump_binary: _dumpBinary,
  create_archive: _createArchive,
  archive_format: _archiveFormat,
  age_recipients: _ageRecipients,
  fetch_local: _fetchLocal,
  local_dir: _localDir,
  keep: _keep,
  keep_local: _keepLocal,
  generate_checksums: _generateChecksums,
  metadata_extra: _metadataExtra,
  ...places
}: typeof fastdeployOptions) {
  return places;
}

/** What the options make of the configuration. @throws UsageError on a value that the configuration would refuse */
export function settingsOf(given: Partial<Given>, configured: FastdeploySettings): FastdeploySettings {
  const {postgres_password: password, ...others} = given;
  const said = Object.fromEntries(Object.entries(others).filter(([, value]) => isGiven(value)));
  const checked = fastdeployBackup.safeParse(said);
  if (!checked.success) throw new UsageError('BadOption', problemsIn(checked.error));
  const values = Object.entries(checked.data).filter(([key]) => Object.hasOwn(said, key));
  return {...configured, ...Object.fromEntries(values), ...(password && {postgres_password: password})};
}

/** Lists and maps that were not given are empty. */
function isGiven(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || Object.keys(value ?? {}).length > 0);
}

function problemsIn({issues}: z.ZodError): string {
  return issues.map(({path: [key], message}) => `--${kebabCase(String(key))}: ${message}`).join('; ');
}

function text(description: string, placeholder: string) {
  return z.string().optional().describe(description).meta({placeholder});
}

function texts(description: string, placeholder: string) {
  return list(z.string().min(1), description).meta({placeholder});
}

function path(description: string) {
  return text(description, 'PATH');
}

function choice(description: string) {
  return z.boolean().optional().describe(description);
}
