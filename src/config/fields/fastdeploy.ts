/** The configuration of fastdeploy_backup, with the names and the defaults of the Ansible role that it succeeds. */
import {absolutePath, archiveFormat, extra, place, prefix, ratio, recipients, texts} from './app.ts';
import {policy} from './retention.ts';
import {flag, secret, section, text, unset, unsetOrEmpty, wholeNumber} from './values.ts';

/**
 * Variables of the role that are missing here: owners and modes (all is root's, 0700 and 0600), what it does not use
 * itself (component_flags, sops_key_path), and how it works rather than what it takes.
 */
export const fastdeployBackup = section('What fastdeploy_backup takes; each key is an option of it, too.', {
  root: absolutePath().prefault('/opt/backups/fastdeploy').describe('Folder of the snapshots on the host.'),
  prefix: prefix().prefault('manual').describe('What the names of the snapshots begin with.'),
  user: text(32).prefault('fastdeploy').describe('The user that FastDeploy runs as.'),
  site_path: unset(absolutePath()).describe('Its site; null is /home/USER/site.'),
  env_file: unset(absolutePath()).describe('Its environment; null is .env in the site.'),
  services_path: unset(absolutePath()).describe('Its services; null is services in the site.'),
  manage_python: unset(absolutePath()).describe('Its Python; null is .venv/bin/python in the site.'),
  deploy_home: absolutePath().prefault('/home/deploy').describe('Home of the user who deploys.'),
  runner_root: unset(absolutePath()).describe('The runners; null is runners in that home.'),
  workspace_path: unset(absolutePath()).describe('The workspace; null is _workspace in that home.'),
  include_workspace: flag().prefault(false).describe('Take the workspace, too.'),
  require_runner_root: flag().prefault(false).describe('Without runners there is no backup.'),
  runner_rsync_excludes: texts('[cache/]')
    .prefault(['.config/sops/age/keys.txt'])
    .describe('What rsync leaves out of the runners.'),
  include_logs: flag().prefault(false).describe('Take the journal of the first unit, too.'),
  logs_output: place().prefault('logs/fastdeploy.journal').describe('The file of the journal in a snapshot.'),
  postgres_database: text(63).prefault('fastdeploy').describe('The database.'),
  postgres_user: text(63).prefault('postgres').describe('The role of PostgreSQL that dumps it.'),
  postgres_password: secret().describe(
    'Its password: in the environment only, as FTASK_FASTDEPLOY_BACKUP_POSTGRES_PASSWORD.',
  ),
  postgres_host: unsetOrEmpty(text()).describe('Where PostgreSQL is; null is the local socket.'),
  postgres_port: wholeNumber(1, 65_535).prefault(5432).describe('Its port.'),
  postgres_become_user: text(32)
    .prefault('postgres')
    .describe("The user of the host that PostgreSQL's programs run as."),
  postgres_dump_binary: text(4096).prefault('pg_dump').describe('The program that dumps.'),
  postgres_dump_options: text(4096)
    .prefault('--clean --if-exists --no-owner')
    .describe('Its options, with blanks between them.'),
  systemd_units: texts('[/etc/systemd/system/fastdeploy.service]')
    .prefault(['/etc/systemd/system/fastdeploy.service'])
    .describe('Unit files.'),
  traefik_config_path: absolutePath()
    .prefault('/etc/traefik/dynamic/fastdeploy.yml')
    .describe('Configuration of Traefik.'),
  sudoers_glob: absolutePath().prefault('/etc/sudoers.d/fastdeploy_*').describe('Rules of sudo.'),
  create_archive: flag().prefault(true).describe('Make an archive beside the folder of the snapshot.'),
  archive_format: archiveFormat().prefault('tar.gz').describe('Its format: tar.gz or tar.zst.'),
  age_recipients: recipients().prefault([]).describe('Encrypt it to these public keys of age.'),
  fetch_local: flag().prefault(true).describe('Bring it to this machine.'),
  local_dir: text(4096)
    .prefault('~/backups/fastdeploy')
    .describe('Folder on this machine that it is brought to.'),
  disk_check_enabled: flag()
    .prefault(true)
    .describe('Look whether there is room before anything is written.'),
  disk_overhead_ratio: ratio().prefault(1.5).describe('How many times the estimate must be free.'),
  keep: unset(policy()).describe('Retention of the snapshots on the host; null removes none.'),
  keep_local: unset(policy()).describe('Retention of the archives on this machine; null removes none.'),
  generate_checksums: flag().prefault(true).describe('Hash all files for the manifest.'),
  metadata_extra: extra().prefault({}).describe('Goes into metadata.yml as it is.'),
});
