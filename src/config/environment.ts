/** `FTASK_*` variables: `FTASK_TAG_NAME` is `tag.name`, `FTASK_AWS_ENDPOINT_URL` is `aws.endpoint_url`. */
import {parse} from 'yaml';
import {z} from 'zod';
import {nearestName} from '../nearest.ts';
import {allKeys, holdsSecret, schemaAt} from './key.ts';
import type {Layer, Problem} from './layer.ts';
import {layerOf, type Setting} from './settings.ts';

const PREFIX = 'FTASK_';

/**
 * The layer of the environment. Upper and lower case are the same, and so are `_` and `__` between
 * section and key. Values are text where the key takes it, YAML (`5`, `true`, `[eu-west-1]`) elsewhere.
 * A variable that is empty counts as not set.
 */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const keys = new Map(allKeys().map((path) => [variableName(path), path]));
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.toUpperCase().startsWith(PREFIX) || !value) continue;
    const path = keys.get(canonical(variable));
    const earlier = settings.find((setting) => setting.path === path);
    const place = {text: variable, offset: 0};
    if (path === undefined) problems.push({place, text: unknownVariable(variable, keys.keys())});
    else if (earlier)
      problems.push({place, text: `sets ${path.join('.')}, and so does ${earlier.text}; keep one`});
    else settings.push({path, text: variable, value: readValue(path, value)});
  }
  return layerOf('environment', settings, problems);
}

/** The variable that sets a key. */
export function variableName(path: readonly string[]): string {
  return PREFIX + path.join('_').toUpperCase();
}

/** The environment for programs that ftask starts: without its own secrets. */
export function withoutSecrets<Value>(env: Readonly<Record<string, Value>>): Record<string, Value> {
  const secrets = new Set(allKeys().filter(holdsSecret).map(variableName));
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !secrets.has(canonical(variable))));
}

function canonical(variable: string): string {
  return variable.toUpperCase().replaceAll('__', '_');
}

function unknownVariable(variable: string, known: Iterable<string>): string {
  const name = nearestName(variable, known);
  return `sets no known key${name ? `; did you mean ${name}?` : ''}`;
}

function readValue(path: readonly string[], value: string): unknown {
  const schema = schemaAt(path);
  if (schema && z.safeParse(schema, value).success) return value;
  try {
    return parse(value, {logLevel: 'error'});
  } catch {
    return value;
  }
}
