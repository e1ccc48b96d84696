/** Makers of option schemas that say more than zod can: durations, lists, maps, secrets, regions. */
import {z} from 'zod';
import {Secret} from '../secret.ts';

/** Names that are known without AWS or a host being asked. */
export type CompletedNames = 'regions' | 'hosts' | 'roles';

/** What `.meta({...})` of an option may hold; the command line reads it. */
export interface OptionMeta {
  /** How the text on the command line is read, where zod's own type does not tell. */
  readonly kind?: 'duration' | 'secret' | 'switch-or-text';
  /** Where the text of a list is cut, unless at every comma. */
  readonly cut?: 'outside-brackets' | 'never';
  /** Other long names of the same option, in kebab-case. */
  readonly aliases?: readonly string[];
  /** A one-letter name. */
  readonly short?: string;
  /** Given by its place, without a name. */
  readonly positional?: boolean;
  /** Which names a shell completes it with. */
  readonly names?: CompletedNames;
  /** What `--help` calls the value: `FILE`, `K=V`. */
  readonly placeholder?: string;
}

/** A switch that is off unless given. */
export function flag(text: string) {
  return z.boolean().default(false).describe(text);
}

/** Milliseconds, written `90s`, `15m` or `1h30m`. */
export function duration(text?: string) {
  return describe(z.number().nonnegative(), text).meta({kind: 'duration', placeholder: 'DURATION'});
}

/** Given several times, or once with commas; empty when not given. */
export function list<Item extends z.ZodType>(item: Item, text?: string) {
  return describe(z.array(item), text).prefault([]);
}

/** `KEY=VALUE`, given several times; empty when not given. */
export function keyValues(text?: string) {
  return describe(z.record(z.string(), z.string()), text).meta({placeholder: 'KEY=VALUE'}).prefault({});
}

/** `--x`, or `--x=TEXT`: true or the text. It never takes the next word. */
export function switchOrText(text: string, placeholder: string) {
  return z
    .union([z.literal(true), z.string().min(1)])
    .optional()
    .describe(text)
    .meta({kind: 'switch-or-text', placeholder});
}

/** Words by their place, each exactly as it was typed. */
export function words(placeholder: string, text: string) {
  return z.array(z.string()).min(1).describe(text).meta({positional: true, cut: 'never', placeholder});
}

/** A secret: the operator names a file that holds it, since other users can read a command line. */
export function secret(text?: string) {
  return describe(z.instanceof(Secret), text).meta({kind: 'secret', placeholder: 'FILE'});
}

/** One region by its name or the unique beginning of one; `--region-name` is accepted too. */
export function region(text = 'A region, or the unique beginning of its name.') {
  return regionName()
    .describe(text)
    .meta({aliases: ['region-name'], placeholder: 'REGION', names: 'regions'});
}

/** A set of regions: all enabled ones that begin with the text (`eu`); an exact name means that one. */
export function regions(text = 'Regions whose names begin so; all enabled ones by default.') {
  return regionName()
    .optional()
    .describe(text)
    .meta({aliases: ['region-name'], placeholder: 'REGION', names: 'regions'});
}

/** Given by its place instead of a name: `ftask config show KEY`. */
export function positional<Schema extends z.ZodType>(schema: Schema, placeholder?: string): Schema {
  return schema.meta({...schema.meta(), positional: true, ...(placeholder && {placeholder})});
}

function regionName() {
  return z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, "not a region's name, such as eu-west-1, or the beginning of one");
}

function describe<Schema extends z.ZodType>(schema: Schema, text: string | undefined): Schema {
  return text === undefined ? schema : schema.describe(text);
}
