/** An option as plain data, read from its zod schema: what the parser, the help and the completion need. */
import type {z} from 'zod';
import {formatDuration} from '../duration.ts';
import type {CompletedNames, OptionMeta} from './option.ts';

export type ScalarKind = 'text' | 'number' | 'boolean' | 'duration' | 'choice' | 'secret';

/** `switch-or-text` is `--x` or `--x=TEXT` and never takes the next word. */
export type OptionKind = ScalarKind | 'list' | 'map' | 'switch-or-text';

/** Plain JSON, so that it can be cached. */
export interface OptionSpec {
  /** The key in the options object. */
  readonly key: string;
  /** The long name without its dashes. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly short?: string;
  readonly kind: OptionKind;
  /** What a list holds. */
  readonly item?: ScalarKind;
  /** Where the text of a list is cut, unless at every comma. */
  readonly cut?: 'outside-brackets' | 'never';
  readonly choices?: readonly string[];
  /** Which names a shell completes it with. */
  readonly names?: CompletedNames;
  readonly placeholder: string;
  readonly text: string;
  /** The default as it would be typed. */
  readonly fallback?: string;
  readonly required: boolean;
  readonly positional: boolean;
}

/** The options of a task, in the order of its zod object. */
export function optionSpecs(schema: z.ZodObject): OptionSpec[] {
  return Object.entries(schema.shape).map(([key, option]) => optionSpec(key, option as Schema));
}

/** camelCase as it is typed: `dryRun` is `dry-run`. */
export function kebabCase(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** What `--help` calls the value of an option that has no name for it. */
export function placeholderOf(kind: OptionKind, key: string): string {
  if (kind === 'number') return 'N';
  if (kind === 'duration') return 'DURATION';
  return kebabCase(key).replaceAll('-', '_').toUpperCase();
}

/** The little of a zod schema that is looked at, whatever copy of zod 4 made it. */
interface Schema {
  readonly _zod: {readonly def: Definition};
  readonly meta?: () => Readonly<Record<string, unknown>> | undefined;
}

interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly element?: Schema;
  readonly defaultValue?: unknown;
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly options?: readonly Schema[];
}

interface Unwrapped {
  readonly core: Schema;
  readonly meta: OptionMeta & {readonly description?: string};
  readonly required: boolean;
  readonly fallback: unknown;
}

function optionSpec(key: string, schema: Schema): OptionSpec {
  const {core, meta, required, fallback} = unwrap(schema);
  const kind = kindOf(core, meta);
  const item = kind === 'list' ? itemOf(core) : undefined;
  const choices = item?.choices ?? choicesOf(core);
  return {
    key,
    name: kebabCase(key),
    aliases: meta.aliases ?? [],
    ...(meta.short && {short: meta.short}),
    kind,
    ...(item && {item: item.kind}),
    ...(meta.cut && {cut: meta.cut}),
    ...(choices && {choices}),
    ...(meta.names && {names: meta.names}),
    placeholder: meta.placeholder ?? item?.placeholder ?? placeholderOf(kind, key),
    text: meta.description ?? '',
    ...fallbackText(fallback, meta),
    required,
    positional: meta.positional === true,
  };
}

const OPTIONAL = new Set(['optional', 'default', 'prefault', 'catch']);
const TRANSPARENT = new Set([...OPTIONAL, 'nullable', 'readonly', 'nonoptional']);

function unwrap(schema: Schema): Unwrapped {
  const def = schema._zod.def;
  const meta = schema.meta?.() ?? {};
  const inner = TRANSPARENT.has(def.type) ? def.innerType : def.type === 'pipe' ? def.in : undefined;
  if (inner === undefined) return {core: schema, meta, required: true, fallback: undefined};
  const below = unwrap(inner);
  return {
    core: below.core,
    meta: {...below.meta, ...meta},
    required: below.required && !OPTIONAL.has(def.type),
    fallback: def.defaultValue ?? below.fallback,
  };
}

function kindOf(core: Schema, meta: OptionMeta): OptionKind {
  if (meta.kind) return meta.kind;
  const {type} = core._zod.def;
  if (type === 'array' || type === 'set') return 'list';
  if (type === 'record') return 'map';
  if (choicesOf(core)) return 'choice';
  if (type === 'number' || type === 'int') return 'number';
  return type === 'boolean' ? 'boolean' : 'text';
}

function itemOf(core: Schema): {kind: ScalarKind; choices?: readonly string[]; placeholder?: string} {
  const element = core._zod.def.element;
  if (!element) return {kind: 'text'};
  const {core: item, meta} = unwrap(element);
  const kind = kindOf(item, meta);
  const choices = choicesOf(item);
  return {
    kind: kind === 'list' || kind === 'map' || kind === 'switch-or-text' ? 'text' : kind,
    ...(choices && {choices}),
    ...(meta.placeholder && {placeholder: meta.placeholder}),
  };
}

function choicesOf(core: Schema): readonly string[] | undefined {
  const {type, entries, values, options} = core._zod.def;
  if (type === 'enum' && entries) return Object.values(entries).map(String);
  if (type === 'literal' && values?.every((value) => typeof value === 'string')) return values.map(String);
  if (type !== 'union' || !options) return undefined;
  const all = options.map(choicesOf);
  return all.every((choices) => choices !== undefined) ? all.flat() : undefined;
}

function fallbackText(fallback: unknown, meta: OptionMeta): {fallback?: string} {
  if (typeof fallback === 'number' && meta.kind === 'duration') return {fallback: formatDuration(fallback)};
  if (typeof fallback === 'object' && fallback !== null) {
    const entries = Object.entries(fallback);
    const typed = Array.isArray(fallback)
      ? fallback.map(String)
      : entries.map(([key, value]) => `${key}=${value}`);
    return typed.length > 0 ? {fallback: typed.join(',')} : {};
  }
  return fallback === undefined ? {} : {fallback: String(fallback)};
}
