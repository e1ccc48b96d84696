/** `metadata.yml`: what a snapshot is of, and what was really captured. The keys of the FastDeploy role are in its places. */
import {parse, stringify} from 'yaml';
import {FtaskError} from '../../errors.ts';
import {type Traits, traitsOf} from '../postgres/traits.ts';
import {momentOf} from './name.ts';

export const METADATA = 'metadata.yml';

export interface Metadata {
  /** As in the name of the snapshot. */
  readonly timestamp: string;
  /** As ftask calls it. */
  readonly host: string;
  /** As it calls itself. */
  readonly hostname: string;
  readonly application: string;
  /** `unknown` when it could not be asked. */
  readonly version: string;
  readonly backupDir: string;
  readonly components: Readonly<Record<string, Captured>>;
  /** Of the first database. */
  readonly postgres?: DatabaseFacts;
  /** Folders counted, by their name: `services: {count: 12}`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly archive: {readonly create: boolean; readonly format: string; readonly encrypted: boolean};
  readonly diskOverheadRatio?: number;
  readonly tool: {readonly name: string; readonly version: string};
  readonly extra: Readonly<Record<string, unknown>>;
}

/** What came of a component. Written as `false` when nothing was captured, so that old readers understand it. */
export type Captured =
  | {readonly captured: false}
  | {
      readonly captured: true;
      readonly files: number;
      readonly bytes: number;
      /** When it was captured: ISO 8601, UTC. Of a database, the moment that the dump is of. */
      readonly moment: string;
      /** Rows by table, of that moment. */
      readonly rows?: Readonly<Record<string, number>>;
      /** Of a database. */
      readonly traits?: Traits;
    };

export interface DatabaseFacts {
  readonly database: string;
  /** Empty for the local socket. */
  readonly host: string;
  readonly port: number;
  readonly options: string;
  readonly format: 'plain' | 'custom';
  readonly rows: Readonly<Record<string, number>>;
}

/** The text of the file. */
export function writeMetadata(metadata: Metadata): string {
  const {timestamp, host, hostname, application, version, backupDir, postgres, counts, archive, tool} =
    metadata;
  const components = Object.entries(metadata.components).map(([name, one]) => [name, one.captured && one]);
  const written = {
    timestamp,
    host,
    hostname,
    application,
    version,
    backup_dir: backupDir,
    [`${application}_version`]: version,
    components: {...Object.fromEntries(components), sops_key_included: false},
    ...(postgres && {postgres}),
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, {count}])),
    archive,
    ...(metadata.diskOverheadRatio !== undefined && {disk_overhead_ratio: metadata.diskOverheadRatio}),
    tool,
    extra: metadata.extra,
  };
  return stringify(written, {aliasDuplicateObjects: false, lineWidth: 0});
}

/** What a file says, one of the role included. @throws FtaskError `BadMetadata`, `where` being what it is called */
export function readMetadata(text: string, where: string): Metadata {
  const raw = mapOf(parsed(text, where));
  const timestamp = textOf(raw['timestamp']);
  if (momentOf(timestamp.endsWith('Z') ? timestamp : `${timestamp}Z`) === undefined)
    throw bad(where, 'it has no timestamp');
  const {database, host = '', port, options = '', format, rows} = mapOf(raw['postgres']);
  const archive = mapOf(raw['archive']);
  const tool = mapOf(raw['tool']);
  const components = Object.entries(mapOf(raw['components'])).filter(
    ([name]) => name !== 'sops_key_included',
  );
  const counts = Object.entries(raw).flatMap(([name, value]) => {
    const count = mapOf(value)['count'];
    return typeof count === 'number' ? [[name, count] as const] : [];
  });
  return {
    timestamp,
    host: textOf(raw['host']),
    hostname: textOf(raw['hostname']),
    application: textOf(raw['application'] ?? 'fastdeploy'),
    version: textOf(raw['version'] ?? raw['fastdeploy_version'] ?? 'unknown'),
    backupDir: textOf(raw['backup_dir']),
    components: Object.fromEntries(components.map(([name, value]) => [name, capturedOf(value)])),
    ...(database !== undefined && {
      postgres: {
        database: textOf(database),
        host: textOf(host),
        port: Number(port ?? 5432),
        options: textOf(options),
        format: format === 'custom' ? 'custom' : 'plain',
        rows: rowsOf(rows),
      },
    }),
    counts: Object.fromEntries(counts),
    archive: {
      create: archive['create'] === true,
      format: textOf(archive['format']),
      encrypted: archive['encrypted'] === true,
    },
    ...(typeof raw['disk_overhead_ratio'] === 'number' && {diskOverheadRatio: raw['disk_overhead_ratio']}),
    tool: {name: textOf(tool['name']), version: textOf(tool['version'])},
    extra: mapOf(raw['extra']),
  };
}

function parsed(text: string, where: string): unknown {
  try {
    return parse(text, {logLevel: 'error'});
  } catch (cause) {
    throw bad(where, 'it is no YAML', cause);
  }
}

function bad(where: string, why: string, cause?: unknown): FtaskError {
  return new FtaskError('BadMetadata', `${where}: ${why}`, {cause});
}

function capturedOf(value: unknown): Captured {
  if (value === true) return {captured: true, files: 0, bytes: 0, moment: ''};
  const {captured, files, bytes, moment, rows, traits: rawTraits} = mapOf(value);
  if (captured !== true) return {captured: false};
  const traits = traitsOf(rawTraits);
  return {
    captured,
    files: Number(files ?? 0),
    bytes: Number(bytes ?? 0),
    moment: textOf(moment),
    ...(rows !== undefined && {rows: rowsOf(rows)}),
    ...(traits && {traits}),
  };
}

function rowsOf(value: unknown): Record<string, number> {
  const rows = Object.entries(mapOf(value)).filter(([, count]) => typeof count === 'number');
  return Object.fromEntries(rows) as Record<string, number>;
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
