/** Applications out of the configuration. */

import type {Config} from '../config/schema.ts';
import {UsageError} from '../errors.ts';
import {nearestName} from '../nearest.ts';
import type {Secret} from '../secret.ts';
import type {Application, Component, Service} from './application.ts';
import {checkPlaces} from './component-places.ts';
import {checkedDumpOptions} from './postgres/dump-options.ts';

type Settings = Config['apps'][string];
type ComponentSettings = Settings['components'][string];

export interface ConfiguredTools {
  /** The local folder behind a path of the configuration. */
  readonly localPath: (path: string) => string;
  /** The password in a local file. @throws UsageError */
  readonly passwordIn: (file: string) => Promise<Secret>;
}

/** The application of this name. @throws UsageError when there is none, or it is not described well */
export async function configuredApplication(
  apps: Config['apps'],
  name: string,
  tools: ConfiguredTools,
): Promise<Application> {
  const settings = Object.hasOwn(apps, name) ? apps[name] : undefined;
  if (!settings) throw unknown(name, Object.keys(apps));
  const {health} = settings;
  const entries = Object.entries(settings.components);
  if (entries.length === 0)
    throw new UsageError('NoComponents', `apps.${name}: it has no components to back up`);
  const components = await Promise.all(entries.map(([key, one]) => componentOf(key, one, tools)));
  checkPlaces(`apps.${name}`, components);
  return {
    name,
    root: settings.root ?? `/opt/backups/${name}`,
    prefix: settings.prefix ?? name,
    requires: [],
    components,
    ...(settings.version !== undefined && {version: {command: ['sh', '-c', settings.version]}}),
    counts: [],
    ...(settings.create_archive && {
      archive: {format: settings.archive_format, recipients: settings.age_recipients},
    }),
    ...(settings.create_archive &&
      settings.fetch_local && {fetch: {dir: tools.localPath(settings.local_dir ?? `~/backups/${name}`)}}),
    diskRatio: settings.disk_overhead_ratio,
    checksums: true,
    services: settings.services.map(serviceOf),
    afterRestore: settings.after_restore,
    ...(health && {
      health: {retries: health.retries, delayMs: health.delay, ...(health.url && {url: health.url})},
    }),
    ...(settings.check !== undefined && {check: settings.check}),
    extra: settings.metadata_extra,
  };
}

async function componentOf(name: string, one: ComponentSettings, tools: ConfiguredTools): Promise<Component> {
  if ('postgres' in one) {
    const {postgres: database, user, host, port, format, password_file} = one;
    return {
      kind: 'postgres',
      name,
      database,
      user,
      ...(password_file !== undefined && {password: await tools.passwordIn(tools.localPath(password_file))}),
      ...(host !== undefined && {host}),
      port,
      becomeUser: one.become_user,
      format,
      dumpProgram: 'pg_dump',
      options: checkedDumpOptions(one.dump_options, format),
      owner: one.owner ?? user,
      countTables: one.count_tables,
    };
  }
  if ('tree' in one) {
    const {tree: path, into = name, excludes, required = true} = one;
    return {kind: 'tree', name, path, into, excludes, required};
  }
  if ('files' in one)
    return {kind: 'files', name, paths: one.files, into: one.into ?? name, required: one.required ?? true};
  if ('journal' in one) {
    return {
      kind: 'journal',
      name,
      unit: one.journal,
      into: one.into ?? `${name}.journal`,
      required: one.required ?? false,
    };
  }
  const {output: command, user, into = `${name}.txt`, required = false} = one;
  return {kind: 'output', name, command, ...(user !== undefined && {user}), into, required};
}

function serviceOf(one: Settings['services'][number]): Service {
  if ('systemd' in one) return {kind: 'systemd', unit: one.systemd};
  if ('compose' in one) return {kind: 'compose', project: one.compose, service: one.service};
  return {kind: 'commands', start: one.start, stop: one.stop, isActive: one.is_active};
}

function unknown(name: string, known: readonly string[]): UsageError {
  const nearest = nearestName(name, known);
  const others =
    known.length === 0 ? 'describe it under apps: in ftask.yaml' : `known are ${known.join(', ')}`;
  const hint =
    name === 'fastdeploy' ? 'it has tasks of its own: fastdeploy_backup, fastdeploy_restore' : others;
  return new UsageError(
    'NoSuchApplication',
    `there is no application ${name}${nearest ? `; did you mean ${nearest}?` : ''}`,
    {
      hint,
    },
  );
}
