/** What could be typed next, answered from the tasks' data alone, and from the names of hosts where one is due. */
import type {CompletedNames} from '../../runner/option.ts';
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';
import {type OptionWord, readOptionWord, takesNextWord} from '../argv/option-word.ts';
import {sliceArgv} from '../argv/slice.ts';
import {CORE_OPTIONS} from '../core-options.ts';

/** What the house knows of hosts. */
export interface HostNames {
  readonly hosts: readonly string[];
  readonly roles: readonly string[];
}

/**
 * Candidates for the last of `typed`, one a line: the text, a tab, what it is. Nothing when a file
 * name or any other free text is due. `hostNames` is called only when a host or a role is.
 */
export async function complete(
  typed: readonly string[],
  tasks: readonly TaskSpec[],
  hostNames: () => Promise<HostNames>,
): Promise<string[]> {
  const before = typed.slice(0, -1);
  const current = typed.at(-1) ?? '';
  if (before.includes('--')) return [];

  const {slices} = sliceArgv(before, tasks);
  const slice = slices.at(-1);
  const own = slice?.task.options.filter((option) => !option.positional) ?? [];
  const options = [...own, ...CORE_OPTIONS.filter(({name}) => own.every((option) => option.name !== name))];
  const waiting = readOptionWord(before.at(-1) ?? '', options).find(takesNextWord);
  if (waiting) return matching(await valuesOf(waiting.spec, current, hostNames), current);
  const [given] = current.includes('=') ? readOptionWord(current, options) : [];
  if (given) return matching(await glued(given, current, hostNames), current);
  if (current.startsWith('-')) return matching(options.flatMap(optionNames), current);
  const place = slice?.places[0];
  const values = place ? await valuesOf(place, current, hostNames) : [];
  return matching(
    [...values, ...secondWords(before, slices.length, tasks), ...taskNames(tasks, current)],
    current,
  );
}

type Candidate = readonly [text: string, meaning: string];

function optionNames({name, text, kind, fallback}: OptionSpec): Candidate[] {
  const isOnOff = kind === 'boolean' && fallback !== 'false';
  return [[`--${name}`, text], ...(isOnOff ? [[`--no-${name}`, text] as const] : [])];
}

/** `--option=value` as one word, and with a short name `-o=value`. */
async function glued(
  {spec}: OptionWord,
  current: string,
  hostNames: () => Promise<HostNames>,
): Promise<Candidate[]> {
  const start = current.slice(0, current.indexOf('=') + 1);
  const values = await valuesOf(spec, current.slice(start.length), hostNames);
  return values.map(([value, text]) => [start + value, text]);
}

/** Each candidate repeats what stands before the part that it ends: all items of a list but the last, a user. */
async function valuesOf(
  {choices, names, kind, text}: OptionSpec,
  current: string,
  hostNames: () => Promise<HostNames>,
): Promise<Candidate[]> {
  const values = choices ?? (names ? await namesOf(names, hostNames) : []);
  const before = kind === 'list' ? (/^.*,(?![^[]*\])/.exec(current)?.[0] ?? '') : '';
  const user = names === 'hosts' ? (/^[^@]*@/.exec(current.slice(before.length))?.[0] ?? '') : '';
  const given = new Set(before.split(','));
  return values.filter((value) => !given.has(value)).map((value) => [before + user + value, text]);
}

async function namesOf(
  names: CompletedNames,
  hostNames: () => Promise<HostNames>,
): Promise<readonly string[]> {
  if (names !== 'regions') return (await hostNames())[names];
  const {KNOWN_REGIONS} = await import('../../known-regions.ts');
  return KNOWN_REGIONS;
}

/** `ftask lab <Tab>`: what may follow, so that both words name a task. */
function secondWords(before: readonly string[], count: number, tasks: readonly TaskSpec[]): Candidate[] {
  const first = `${before.at(-1)?.replaceAll('-', '_')}_`;
  return tasks
    .filter(({name}) => name.startsWith(first))
    .map(({name, summary}) => [name.slice(first.length), summary] as const)
    .filter(([second]) => sliceArgv([...before, second], tasks).slices.length > count);
}

/** The same name with dashes is accepted, so it is completed, too. */
function taskNames(tasks: readonly TaskSpec[], current: string): Candidate[] {
  const isDashed = current.includes('-');
  return tasks.map(({name, summary}) => [isDashed ? name.replaceAll('_', '-') : name, summary]);
}

function matching(candidates: readonly Candidate[], current: string): string[] {
  return candidates
    .filter(([text]) => text.startsWith(current))
    .map(([text, meaning]) => `${text}\t${meaning}`);
}
