/** What is wrong with a layer, each with its place, its key and what was expected. */
import type {z} from 'zod';
import {nearestName} from '../nearest.ts';
import {variableName} from './environment.ts';
import {allKeys, formatKey, holdsSecret, type KeyPath, keysAt} from './key.ts';
import {isRawMap, type Layer, type Problem} from './layer.ts';
import {maskUserinfo} from './mask.ts';
import {leaves, valueAt} from './merge.ts';
import {configSchema} from './schema.ts';

/** All problems of a layer, one line each, in the order of its source. */
export function problemsOf(layer: Layer): string[] {
  const issues = configSchema.safeParse(layer.raw).error?.issues ?? [];
  return [
    ...layer.problems,
    ...issues.flatMap((issue) => problemsOfIssue(issue, layer)),
    ...openSecrets(layer),
  ]
    .sort((a, b) => a.place.offset - b.place.offset)
    .map(({place, text}) => `${place.text}: ${text}`);
}

/** A secret in a file ends up in a repository or a backup. */
function openSecrets(layer: Layer): Problem[] {
  if (layer.file === undefined || !isRawMap(layer.raw)) return [];
  return leaves(layer.raw)
    .filter(({path, value}) => value !== null && holdsSecret(path) && keysAt(path).length === 0)
    .map(({path}) => ({
      place: layer.locate(path, 'key'),
      text: `${formatKey(path)}: a secret does not belong into this file; set ${variableName(path)} instead`,
    }));
}

function problemsOfIssue(issue: z.core.$ZodIssue, layer: Layer): Problem[] {
  const path = issue.path as KeyPath;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      place: layer.locate([...path, key], 'key'),
      text: `${formatKey([...path, key])}: unknown key${suggestion(path, key)}`,
    }));
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues.map(({message}) => message).join('; ');
    return [{place: layer.locate(path, 'key'), text: `${formatKey(path)}: ${expected}`}];
  }
  const value = valueAt(layer.raw, path);
  if (value === null && isMapExpected(issue)) return [];
  const key = path.length === 0 ? '' : `${formatKey(path)}: `;
  return [
    {
      place: layer.locate(path, 'value'),
      text: `${key}${issue.message}, ${got(value, issue, path)}`,
    },
  ];
}

/** `tags:` with nothing below it is how YAML writes an empty map; merging takes it for one, too. */
function isMapExpected(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record');
}

function suggestion(path: KeyPath, key: string): string {
  const sibling = nearestName(key, keysAt(path));
  const name = sibling
    ? formatKey([...path, sibling])
    : allKeys()
        .find((other) => other.at(-1) === key)
        ?.join('.');
  return name ? `; did you mean ${name}?` : `; known here: ${keysAt(path).join(', ')}`;
}

function got(value: unknown, issue: z.core.$ZodIssue, path: KeyPath): string {
  if (value === undefined) return 'but it is missing';
  if (Array.isArray(value)) return 'got a list';
  if (isRawMap(value)) return 'got a map';
  if (path.length > 0 && holdsSecret(path)) return 'got something else';
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string' && value !== null;
  return `got ${maskUserinfo(JSON.stringify(value))}${wantsText ? ' (text needs quotes here)' : ''}`;
}
