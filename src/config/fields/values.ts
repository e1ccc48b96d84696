/** The kinds of values that a configuration key can hold; every message tells what was expected. */
import {z} from 'zod';
import {parseDuration} from '../../duration.ts';
import {Secret} from '../../secret.ts';

/** A text of at most `max` characters, not empty. */
export function text(max = 1024) {
  return z
    .string('expected text')
    .min(1, 'expected text that is not empty')
    .max(max, `expected text of at most ${max} characters`);
}

/** A whole number between two others. */
export function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z.int(expected).min(min, expected).max(max, expected);
}

/** A number above zero. */
export function positiveNumber() {
  return z.number('expected a number above 0').positive('expected a number above 0');
}

/** True or false. */
export function flag() {
  return z.boolean('expected true or false');
}

/** A span of time above zero, written like `60m`; it becomes milliseconds. */
export function duration() {
  const expected = 'expected a duration such as 90s, 60m or 1h30m';
  return z.string(expected).transform((written, context) => {
    const ms = parseDuration(written);
    if (ms !== undefined && ms > 0) return ms;
    context.addIssue({code: 'custom', message: expected});
    return z.NEVER;
  });
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, `expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
}

/** A secret: masked wherever values are shown, and refused in files. The text becomes a `Secret`. */
export function secret() {
  return unset(text().transform((value) => new Secret(value))).meta({writeOnly: true});
}

/** The whole name of a region. */
export function region() {
  return z
    .string('expected the name of a region')
    .regex(/^[a-z]+(-[a-z]+)+-\d+$/, 'expected the name of a region such as eu-west-1');
}

/** The address of a service. */
export function httpUrl() {
  return z.url({protocol: /^https?$/, error: 'expected an address that starts with http:// or https://'});
}

/** A key without which ftask does well: `null` means not set, and takes back what an earlier layer has set. */
export function unset<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullable()
    .transform((value) => value ?? undefined)
    .prefault(null as z.input<Schema> | null);
}

/** The same for text of which an empty one means not set, too. */
export function unsetOrEmpty(schema: z.ZodType<string, string>) {
  return unset(schema.or(z.literal('')).transform((value) => value || undefined));
}

/** A group of keys; all that are left out have their defaults. */
export function section<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z.strictObject(shape, 'expected a map of keys').describe(description);
}
