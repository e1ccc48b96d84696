/** Values of ssh_config lines, read as OpenSSH reads them. */
import {UsageError} from '../../errors.ts';
import type {ConfigLine} from './files/line.ts';

/** The one word of a line. @throws UsageError when it is missing, empty, or followed by more */
export function wordOf(line: ConfigLine): string {
  const [word = '', ...more] = line.words;
  if (word === '') throw badValue(line, 'its value is missing');
  if (more.length > 0) throw badValue(line, 'one value is enough');
  return word;
}

/** `yes`, `no`, `true`, `false`. */
export function flagOf(line: ConfigLine): boolean {
  return choiceOf(line, {yes: true, true: true, no: false, false: false});
}

/** One of the names, in any case. */
export function choiceOf<Value>(line: ConfigLine, choices: Readonly<Record<string, Value>>): Value {
  const word = wordOf(line).toLowerCase();
  if (!Object.hasOwn(choices, word)) throw badValue(line, `it can be ${Object.keys(choices).join(', ')}`);
  return choices[word] as Value;
}

/** A whole number of at least `least`. */
export function numberOf(line: ConfigLine, least: number): number {
  const word = wordOf(line);
  if (!/^\d{1,9}$/.test(word) || Number(word) < least)
    throw badValue(line, `it is a whole number, at least ${least}`);
  return Number(word);
}

/** 1 to 65535. */
export function portOf(line: ConfigLine): number {
  const port = numberOf(line, 1);
  if (port > 65_535) throw badValue(line, 'a port is at most 65535');
  return port;
}

/** Milliseconds of `90`, `1m30s` (sshd_config(5), TIME FORMATS); undefined for `none`. */
export function timeOf(line: ConfigLine): number | undefined {
  const word = wordOf(line);
  if (word === 'none') return undefined;
  if (!/^(\d+[smhdw])*\d*$/i.test(word)) throw badValue(line, 'a time is written as 90, 90s or 1m30s');
  const parts = word.toLowerCase().matchAll(/(\d+)([smhdw]?)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit || 's'] ?? 0), 0);
}

/** The error for a value that cannot be. */
export function badValue(line: ConfigLine, why: string): UsageError {
  return new UsageError('BadSshConfig', `${line.origin}: ${line.written}: ${why}`);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
