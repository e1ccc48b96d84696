/** The digest of a plan, by which one can tell that nobody has changed it. */
import {createHash} from 'node:crypto';

/** SHA-256 of the canonical text of a JSON value, in hexadecimal: the order of keys does not matter. */
export function digestOf(value: object): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).filter(([, own]) => own !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, own]) => `${JSON.stringify(key)}:${canonical(own)}`).join(',')}}`;
}
