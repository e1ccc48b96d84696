/** Many host names written short: `web[1-20],db1`. */
import {hostParts} from './host-part.ts';
import {MAX_DIGITS, numberText} from './number-text.ts';

/** The shortest usual writing of these hosts, which `expandHosts` reads back as the same set. */
export function foldHosts(names: readonly string[]): string {
  let folded = [...new Set(names)].map(cut);
  const places = Math.max(0, ...folded.map(({length}) => length));
  // From the back: the last number of a name is the one that counts hosts.
  for (let place = places - 1; place > 0; place -= 1) {
    if (place % 2 === 1) folded = foldAt(folded, place);
  }
  return folded.map((pieces) => pieces.join('')).join(',');
}

const NUMBER = new RegExp(`(?<!\\d)(\\d{1,${MAX_DIGITS}})(?!\\d)`);

/** A name cut at the numbers of its host: these stand at the odd places. */
function cut(name: string): string[] {
  const {front, host, back} = hostParts(name);
  if (host.startsWith('[')) return [name];
  const pieces = host.split(NUMBER);
  pieces[0] = front + pieces[0];
  pieces[pieces.length - 1] += back;
  return pieces;
}

/** Names that differ at one place only become one, at the place of the first of them. */
function foldAt(names: readonly string[][], place: number): string[][] {
  const groups = new Map<string, {pieces: string[]; numbers: string[]}>();
  for (const pieces of names) {
    const number = pieces[place];
    const others = number === undefined ? pieces : pieces.with(place, '');
    const key = `${number === undefined}\0${others.join('\0')}`;
    const group = groups.get(key) ?? {pieces, numbers: []};
    if (number !== undefined) group.numbers.push(number);
    groups.set(key, group);
  }
  return [...groups.values()].map(({pieces, numbers}) =>
    numbers.length > 1 ? pieces.with(place, bracket(numbers)) : [...pieces],
  );
}

interface Run {
  readonly first: string;
  last: string;
}

function bracket(numbers: readonly string[]): string {
  const runs = new Set<Run>();
  const expecting = new Map<string, Run>();
  for (const text of numbers.toSorted(byNumber)) {
    const run = expecting.get(text) ?? {first: text, last: text};
    expecting.delete(text);
    run.last = text;
    runs.add(run);
    expecting.set(textAfter(run), run);
  }
  const spans = [...runs].map(({first, last}) => (first === last ? first : `${first}-${last}`));
  return `[${spans.join(',')}]`;
}

function textAfter({first, last}: Run): string {
  return numberText(Number(last) + 1, first.startsWith('0') ? first.length : 1);
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b) || a.length - b.length;
}
