/** What an operator types becomes host names: `web[1-20],db1,deploy@10.0.0.7:2222`. */
import {UsageError} from '../../errors.ts';
import {MAX_DIGITS, numberText} from './number-text.ts';

/** More names than this are a slip: a digit too many in a range. */
const MAX_HOSTS = 100_000;

/**
 * The host names of a text: commas or blanks between them, ranges of numbers in brackets (`web[1-20]`,
 * `web[01-10]`, `web[1-3,7]`, `rack[1-2]-node[1-4]`, in steps `web[1-9/2]`). An address such as `[::1]:22`
 * is no range. Every name once, in order.
 * @throws UsageError on what is no name, on a range that is none, and on more than 100,000 names
 */
export function expandHosts(text: string): string[] {
  const names = new Set<string>();
  for (const word of splitHosts(text)) {
    for (const name of expandWord(word, text)) names.add(checkName(name));
    if (names.size > MAX_HOSTS) throw tooMany(text);
  }
  return [...names];
}

/** The words of a text, split where people separate hosts: at commas and blanks outside of brackets. */
export function splitHosts(text: string): string[] {
  return text.match(/(?:\[[^\]]*\]|[^\s,])+/g) ?? [];
}

function expandWord(word: string, text: string): string[] {
  const pieces = word.split(/(\[[^\]]*\])/).map((piece) => rangeOf(piece, word));
  const count = pieces.reduce((product, choices) => product * choices.count, 1);
  if (count > MAX_HOSTS) throw tooMany(text);
  return pieces.reduce<string[]>((names, {values}) => product(names, [...values()]), ['']);
}

function product(fronts: readonly string[], backs: readonly string[]): string[] {
  return fronts.flatMap((front) => backs.map((back) => front + back));
}

interface Choices {
  readonly count: number;
  values(): Iterable<string>;
}

function rangeOf(piece: string, word: string): Choices {
  const isRange = piece.startsWith('[') && piece.endsWith(']') && !piece.includes(':');
  if (!isRange) return {count: 1, values: () => [piece]};
  const parts = piece
    .slice(1, -1)
    .split(',')
    .map((part) => spanOf(part, word));
  return {
    count: parts.reduce((sum, {count}) => sum + count, 0),
    values: () => parts.flatMap(({values}) => [...values()]),
  };
}

const SPAN = new RegExp(`^(\\d{1,${MAX_DIGITS}})(?:-(\\d{1,${MAX_DIGITS}})(?:/(\\d{1,${MAX_DIGITS}}))?)?$`);

function spanOf(part: string, word: string): Choices {
  const [, first, last = first, step = '1'] = SPAN.exec(part.trim()) ?? [];
  const problem = (why: string) =>
    new UsageError('BadHosts', `${word}: [${part}] ${why}`, {
      hint: 'a range is written web[1-20], web[01-10], web[1-3,7] or web[1-9/2]',
    });
  if (first === undefined || last === undefined) throw problem('is no range of numbers');
  const [from, to, by] = [Number(first), Number(last), Number(step)];
  if (to < from) throw problem('ends before it starts');
  if (by === 0) throw problem('has steps of 0');
  const width = first.startsWith('0') ? first.length : 1;
  if (width === 1 && last.length > 1 && last.startsWith('0')) throw problem('has zeros at its end only');
  const count = Math.floor((to - from) / by) + 1;
  return {
    count,
    values: () => Array.from({length: count}, (_, index) => numberText(from + index * by, width)),
  };
}

/** What ssh itself refuses since 9.6, and what could be taken for an option or a path. */
const FORBIDDEN = /[\s\p{Cc}'"`$\\;&<>|(){}*?!#^/,]/u;

function checkName(name: string): string {
  const [, user, host = ''] = /^(?:(.*)@)?(.*)$/s.exec(name) ?? [];
  const mark = FORBIDDEN.exec(name)?.[0];
  const hint = 'a host is written NAME, USER@NAME, NAME:PORT or [ADDRESS]:PORT';
  if (mark !== undefined)
    throw new UsageError('BadHosts', `${name}: a host's name has no ${JSON.stringify(mark)}`, {hint});
  const isAddress = /^\[[^[\]]+\](?::\d+)?$/.test(host) || !/[[\]]/.test(host);
  if (user === '' || host.replace(/:\d*$/, '') === '' || /^-/.test(name) || /^-/.test(host) || !isAddress)
    throw new UsageError('BadHosts', `'${name}' is no host`, {hint});
  return name;
}

function tooMany(text: string): UsageError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new UsageError('TooManyHosts', `${shown} means more than ${MAX_HOSTS.toLocaleString('en')} hosts`);
}
