/** Hides secrets in text for people. */
import {quoteWord} from '../quote.ts';

const MASK = '********';
/** Parts and other spellings of a secret shorter than this would hide innocent text. */
const MIN_PART = 6;

export interface Mask {
  (text: string): string;
  /** Characters of the longest text that it hides. */
  readonly longest: number;
}

/** Replaces each of `secrets`, also quoted, URL-encoded, in base64 or in JSON, and single lines of one. */
export function maskOf(secrets: readonly string[]): Mask {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const mask = (text: string) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
  return Object.assign(mask, {longest: forms[0]?.length ?? 0});
}

function formsOf(secret: string): string[] {
  if (secret === '') return [];
  const parts = [secret, ...secret.split('\n')].filter((part) => part === secret || part.length >= MIN_PART);
  return parts.flatMap((part) => (part.length < MIN_PART ? [part] : [part, ...spellings(part)]));
}

function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    quoteWord(text),
    encodeURIComponent(text),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    JSON.stringify(text).slice(1, -1),
  ];
}
