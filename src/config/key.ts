/** Configuration keys: their paths in the schema and how they are written. */
import {z} from 'zod';
import {configSchema} from './schema.ts';

/** The way to a value, from the section down; numbers are places in a list. */
export type KeyPath = readonly (string | number)[];

/** A path as people read and write it: `aws.endpoint_url`, `backup.tags."cost.center"`. */
export function formatKey(path: KeyPath): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment + 1}]`;
      const written = /^[\w:/-]+$/.test(segment) ? segment : JSON.stringify(segment);
      return index === 0 ? written : `.${written}`;
    })
    .join('');
}

/** The schema of the value at a path; undefined when there is no such key. */
export function schemaAt(path: KeyPath): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const segment of path) {
    if (schema === undefined) return undefined;
    schema = child(bare(schema), segment);
  }
  return schema;
}

/** The keys that the schema names directly below a path. */
export function keysAt(path: KeyPath): string[] {
  const schema = schemaAt(path);
  const inner = schema && bare(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** The paths of all keys that hold a value, in the schema's order; a section may be one by itself. */
export function allKeys(): string[][] {
  return keysAt([]).flatMap((section) => {
    const keys = keysAt([section]);
    return keys.length === 0 ? [[section]] : keys.map((key) => [section, key]);
  });
}

/** Whether a secret is kept at a path or below it. */
export function holdsSecret(path: KeyPath): boolean {
  return allKeys().some((key) => isBelow(key, path) && isSecret(key));
}

function isBelow(key: KeyPath, path: KeyPath): boolean {
  return path.every((segment, index) => segment === key[index]);
}

function isSecret(key: KeyPath): boolean {
  const schema = schemaAt(key);
  return schema !== undefined && z.globalRegistry.get(schema)?.['writeOnly'] === true;
}

function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodPrefault ? bare(schema.unwrap()) : schema;
}

function child(schema: z.core.$ZodType, segment: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject)
    return Object.hasOwn(schema.shape, segment) ? schema.shape[segment] : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}
