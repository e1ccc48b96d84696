/** FastDeploy as an application: the variables of its Ansible role become components. */
import {basename, join} from 'node:path';
import type {Config} from '../config/schema.ts';
import {UsageError} from '../errors.ts';
import type {Application, Component, Postgres} from './application.ts';
import {checkPlaces} from './component-places.ts';
import {checkedDumpOptions} from './postgres/dump-options.ts';

/** Every variable of the role, with the role's name and default. */
export type FastdeploySettings = Config['fastdeploy_backup'];

const VERSION = "from importlib.metadata import version; print(version('fastDeploy'))";

/** The application that these variables describe; `localDir` is where archives go here. @throws UsageError */
export function fastdeploy(settings: FastdeploySettings, localDir: string): Application {
  const {root, prefix, user, deploy_home, systemd_units} = settings;
  const site = settings.site_path ?? `/home/${user}/site`;
  const services = settings.services_path ?? join(site, 'services');
  const runners = settings.runner_root ?? join(deploy_home, 'runners');
  const python = settings.manage_python ?? join(site, '.venv/bin/python');
  const components: Component[] = [
    databaseOf(settings),
    {kind: 'tree', name: 'services_tree', path: services, into: 'services', excludes: [], required: true},
    {
      kind: 'tree',
      name: 'deploy_runners',
      path: runners,
      into: 'deploy_runners',
      excludes: settings.runner_rsync_excludes,
      required: settings.require_runner_root,
    },
    ...workspaceOf(settings),
    ...filesOf(settings, settings.env_file ?? join(site, '.env')),
    ...logsOf(settings),
  ];
  checkPlaces('fastdeploy_backup', components);
  return {
    name: 'fastdeploy',
    root,
    prefix,
    requires: [site],
    components,
    leftOut: settings.include_workspace ? [] : ['deploy_workspace'],
    version: {command: [python, '-c', VERSION], user},
    counts: [
      {name: 'services', path: services},
      {name: 'deploy_runners', path: runners},
    ],
    ...(settings.create_archive && {
      archive: {format: settings.archive_format, recipients: settings.age_recipients},
    }),
    ...(settings.create_archive && settings.fetch_local && {fetch: {dir: localDir}}),
    ...(settings.disk_check_enabled && {diskRatio: settings.disk_overhead_ratio}),
    checksums: settings.generate_checksums,
    services: systemd_units.map((path) => ({kind: 'systemd', unit: basename(path)})),
    afterRestore: [],
    extra: settings.metadata_extra,
  };
}

function databaseOf(settings: FastdeploySettings): Postgres {
  const {postgres_password: password, postgres_host: host} = settings;
  return {
    kind: 'postgres',
    name: 'database',
    database: settings.postgres_database,
    user: settings.postgres_user,
    ...(password && {password}),
    ...(host !== undefined && {host}),
    port: settings.postgres_port,
    becomeUser: settings.postgres_become_user,
    format: 'plain',
    dumpProgram: settings.postgres_dump_binary,
    options: checkedDumpOptions(settings.postgres_dump_options.split(/\s+/)),
    owner: settings.user,
    countTables: ['services_service', 'service'],
  };
}

function workspaceOf({include_workspace, workspace_path, deploy_home}: FastdeploySettings): Component[] {
  if (!include_workspace) return [];
  const path = workspace_path ?? join(deploy_home, '_workspace');
  return [
    {kind: 'tree', name: 'deploy_workspace', path, into: 'deploy_workspace', excludes: [], required: true},
  ];
}

function filesOf(settings: FastdeploySettings, env: string): Component[] {
  const {systemd_units, traefik_config_path, sudoers_glob} = settings;
  const optional = {kind: 'files', required: false} as const;
  return [
    {kind: 'files', name: 'env_file', paths: [env], into: 'config', as: 'fastdeploy.env', required: true},
    ...(systemd_units.length > 0
      ? [{...optional, name: 'systemd_units', paths: systemd_units, into: 'systemd'}]
      : []),
    {...optional, name: 'traefik', paths: [traefik_config_path], into: 'traefik'},
    {...optional, name: 'sudoers', paths: [sudoers_glob], into: 'sudoers'},
  ];
}

function logsOf({include_logs, logs_output: into, systemd_units}: FastdeploySettings): Component[] {
  const [unit] = systemd_units;
  if (!include_logs) return [];
  if (unit === undefined)
    throw new UsageError('NoUnit', 'fastdeploy_backup: include_logs needs a unit in systemd_units');
  return [{kind: 'journal', name: 'logs', unit: basename(unit), into, required: false}];
}
