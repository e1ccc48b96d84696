/** Layers on top of each other. */
import type {KeyPath} from './key.ts';
import {isRawMap} from './layer.ts';

/**
 * What `over` makes of `base`: maps are merged key by key, anything else replaces what was there.
 * A map that was left empty (`tags:` and nothing below it) is null in YAML and takes nothing away.
 */
export function merge(base: unknown, over: unknown): unknown {
  if (!isRawMap(over)) return over === null && isRawMap(base) ? base : over;
  const merged = new Map(Object.entries(isRawMap(base) ? base : {}));
  for (const [key, value] of Object.entries(over)) merged.set(key, merge(merged.get(key), value));
  return Object.fromEntries(merged);
}

/** A value and the way to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The paths of all values: what is not a map, and maps with nothing in them. */
export function leaves(value: unknown, path: readonly string[] = []): Leaf[] {
  if (!isRawMap(value) || (path.length > 0 && Object.keys(value).length === 0)) return [{path, value}];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** The map that has these values; a later one of the same path wins. */
export function fromLeaves(values: Iterable<Leaf>): unknown {
  let map: unknown = {};
  for (const {path, value} of values) {
    map = merge(
      map,
      path.reduceRight<unknown>((inner, key) => ({[key]: inner}), value),
    );
  }
  return map;
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  let inner = value;
  for (const segment of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, segment)) return undefined;
    inner = Reflect.get(inner, segment);
  }
  return inner;
}
