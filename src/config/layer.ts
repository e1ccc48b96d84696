/** One source of configuration, before it is merged with the others. */
import type {KeyPath} from './key.ts';

export type LayerName = 'default' | 'system' | 'user' | 'project' | '--config' | 'environment' | 'option';

/** Where a value comes from. */
export interface Origin {
  readonly layer: LayerName;
  /** For people: `/etc/ftask/ftask.yaml:3:9`, `FTASK_TAG_NAME`, `option --profile`, `default`. */
  readonly text: string;
}

/** A place in a source. */
export interface Place {
  readonly text: string;
  /** For sorting, from the start of the source. */
  readonly offset: number;
}

/** A map as it was read, not yet checked. */
export type RawMap = Readonly<Record<string, unknown>>;

export interface Layer {
  readonly name: LayerName;
  readonly file?: string;
  /** False when its file does not exist. */
  readonly read: boolean;
  /** Not a map when the source is wrong. */
  readonly raw: unknown;
  /** What made the source itself unreadable, one line each. */
  readonly problems: readonly Problem[];
  /** Where a key, or what it holds, stands; the nearest place above it when it is not written out. */
  locate(path: KeyPath, part: 'key' | 'value'): Place;
}

/** What is wrong with one place of a source. */
export interface Problem {
  readonly place: Place;
  /** What was expected, and the key. */
  readonly text: string;
}

/** Tells a map from lists, scalars and nothing. */
export function isRawMap(value: unknown): value is RawMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
