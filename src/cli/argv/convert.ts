/** Text from the command line becomes the value that an option's schema checks. */
import {readFileSync} from 'node:fs';
import {parseDuration} from '../../duration.ts';
import type {OptionSpec, ScalarKind} from '../../runner/option-spec.ts';
import {Secret} from '../../secret.ts';

/** The value of all texts given for an option. @throws Error with one line saying what is wrong. */
export function convert(spec: OptionSpec, texts: readonly string[]): unknown {
  if (spec.kind === 'map') return Object.fromEntries(texts.map(keyAndValue));
  if (spec.kind === 'switch-or-text') return switchOf(texts.at(-1) ?? '');
  if (spec.kind !== 'list') return convertOne(spec, spec.kind as ScalarKind, texts.at(-1) ?? '');
  const items = texts.flatMap((text) => cutList(spec, text));
  return items.map((text) => convertOne(spec, spec.item ?? 'text', text));
}

function switchOf(text: string): true | string {
  return text === 'true' ? true : text;
}

function cutList({cut}: OptionSpec, text: string): readonly string[] {
  if (cut === 'never') return [text];
  const items = cut === undefined ? text.split(',') : text.split(/,(?![^[\]]*\])/);
  return items.filter((item) => item !== '');
}

function convertOne(spec: OptionSpec, kind: ScalarKind, text: string): unknown {
  switch (kind) {
    case 'number':
      return numberOf(text);
    case 'duration':
      return durationOf(text);
    case 'boolean':
      return text === 'true';
    case 'choice':
      return choiceOf(spec, text);
    case 'secret':
      return secretIn(text);
    case 'text':
      return text;
  }
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`'${text}' is not a number`);
  return value;
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`'${text}' is not a duration, such as 90s, 15m or 1h30m`);
  return ms;
}

function choiceOf({choices = []}: OptionSpec, text: string): string {
  if (!choices.includes(text)) throw new Error(`'${text}' is not one of ${choices.join(', ')}`);
  return text;
}

function secretIn(path: string): Secret {
  try {
    return new Secret(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new Error(`cannot read the secret from ${path} (${code})`);
  }
}

function keyAndValue(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new Error(`'${text}' is not KEY=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
