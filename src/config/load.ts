/** Configuration: found, layered, checked and typed. */
import {join, resolve} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {UsageError} from '../errors.ts';
import {packageRoot} from '../package.ts';
import {Secret} from '../secret.ts';
import {readLayer} from './document.ts';
import {environmentLayer} from './environment.ts';
import {projectFiles, systemFile, userFile} from './files.ts';
import {formatKey, holdsSecret, type KeyPath} from './key.ts';
import type {Layer, LayerName, Origin} from './layer.ts';
import {maskUserinfo} from './mask.ts';
import {fromLeaves, leaves, merge, valueAt} from './merge.ts';
import {problemsOf} from './problems.ts';
import {type Config, configSchema} from './schema.ts';
import {defaultLayer, faultyLayer, layerOf, optionLayer} from './settings.ts';

/** The process that ftask runs in. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

/** Where configuration comes from. */
export interface ConfigSources extends Surroundings {
  /** The file of `--config`; it must exist. */
  readonly configFile?: string;
  /** `/etc/ftask` unless given. */
  readonly systemDir?: string;
  /** Dotted keys that options set: `{'aws.profile': 'x'}` for `--profile x`. Undefined ones are left out. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** One line of `ftask config`. */
export interface ConfigEntry {
  readonly key: string;
  /** As it was written, with credentials masked. */
  readonly value: unknown;
  readonly origin: Origin;
}

export interface LoadedConfig {
  readonly values: Config;
  /** Where the value of a key (`aws.profile`) comes from; undefined for what is no key with a value. */
  origin(key: string): Origin | undefined;
  /** All layers, the weakest first; those whose file does not exist are not `read`. */
  readonly layers: readonly {readonly name: LayerName; readonly file?: string; readonly read: boolean}[];
  /** Every key with its value and origin, in the order of the schema. */
  entries(): ConfigEntry[];
}

/** The configuration is wrong somewhere: all problems of all layers at once, a line each. */
export class ConfigError extends UsageError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const [only, second] = problems;
    const list = problems.map((problem) => `\n  ${problem}`).join('');
    super(
      'ConfigInvalid',
      only && !second ? only : `the configuration has ${problems.length} problems:${list}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads all layers, checks each and merges them: defaults, machine, user, project, `--config`,
 * environment, options; the later wins.
 * @throws ConfigError naming file, line and key of everything that is wrong.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const layers = await readLayers(sources);
  const problems = new Set(layers.flatMap(problemsOf));
  if (problems.size > 0) throw new ConfigError([...problems]);

  const effective = layers.map(withoutExamples);
  const merged = effective.reduce<unknown>((base, {raw}) => merge(base, raw), {});
  const entries = leaves(merged).map(({path, value}) => ({
    key: formatKey(path),
    value: shown(path, value),
    origin: originOf(path, effective),
  }));
  const origins = new Map(entries.map(({key, origin}) => [key, origin]));
  return {
    values: configSchema.parse(merged),
    origin: (key) => origins.get(key),
    layers: layers.map(({name, file, read}) => ({name, read, ...(file === undefined ? {} : {file})})),
    entries: () => entries,
  };
}

function shown(path: KeyPath, value: unknown): unknown {
  if (value !== null && holdsSecret(path)) return String(new Secret(String(value)));
  return typeof value === 'string' ? maskUserinfo(value) : value;
}

function originOf(path: KeyPath, layers: readonly Layer[]): Origin {
  const layer = layers.findLast(({raw}) => valueAt(raw, path) !== undefined) ?? defaultLayer();
  return {layer: layer.name, text: layer.locate(path, 'key').text};
}

async function readLayers(sources: ConfigSources): Promise<Layer[]> {
  const {cwd, env, homeDir, systemDir = '/etc/ftask', overrides = {}} = sources;
  return [
    defaultLayer(),
    ...(await Promise.all([
      readLayer('system', systemFile(systemDir)),
      readLayer('user', userFile(homeDir, env['XDG_CONFIG_HOME'])),
      readProject(cwd),
      readNamed(cwd, sources.configFile),
    ])),
    environmentLayer(env),
    optionLayer(overrides),
  ];
}

async function readProject(cwd: string): Promise<Layer> {
  const [file, second] = projectFiles(cwd);
  if (file === undefined) return layerOf('project', []);
  if (second === undefined) return readLayer('project', file);
  return faultyLayer('project', file, `exists beside ${second}; keep one of them`);
}

async function readNamed(cwd: string, file: string | undefined): Promise<Layer> {
  if (file === undefined) return layerOf('--config', []);
  const layer = await readLayer('--config', resolve(cwd, file));
  if (layer.read || layer.problems.length > 0) return layer;
  return faultyLayer('--config', resolve(cwd, file), 'the file of --config does not exist');
}

/**
 * The example in ftask's own folder is the project's file for who works there: what was changed in it counts,
 * the defaults that it documents must not hide the settings of machine and user.
 */
function withoutExamples(layer: Layer): Layer {
  if (layer.name !== 'project' || layer.file !== join(packageRoot(), 'config', 'ftask.yaml')) return layer;
  const defaults = defaultLayer().raw;
  const changed = leaves(layer.raw).filter(
    ({path, value}) => !isDeepStrictEqual(value, valueAt(defaults, path)),
  );
  return {...layer, raw: fromLeaves(changed)};
}
