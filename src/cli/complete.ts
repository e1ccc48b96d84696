/** What could be typed next, answered from the tasks' data alone. */
import type {OptionSpec} from '../runner/option-spec.ts';
import type {TaskSpec} from '../runner/task-spec.ts';
import {type OptionWord, readOptionWord, takesNextWord} from './argv/option-word.ts';
import {sliceArgv} from './argv/slice.ts';
import {CORE_OPTIONS} from './core-options.ts';

/**
 * Candidates for the last of `typed`, one a line: the text, a tab, what it is. Nothing when a file
 * name or any other free text is due.
 */
export function complete(typed: readonly string[], tasks: readonly TaskSpec[]): string[] {
  const words = joinEquals(typed);
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  if (before.includes('--')) return [];

  const {slices} = sliceArgv(before, tasks);
  const task = slices.at(-1)?.task;
  const own = task?.options.filter((option) => !option.positional) ?? [];
  const options = [...own, ...CORE_OPTIONS.filter(({name}) => own.every((option) => option.name !== name))];
  const waiting = readOptionWord(before.at(-1) ?? '', options).find(takesNextWord);
  if (waiting) return matching(choicesOf(waiting.spec), current);
  if (current.startsWith('-')) return matching(optionCandidates(current, options), current);
  const places = task?.options.filter((option) => option.positional).flatMap(choicesOf) ?? [];
  return matching([...places, ...tasks.map(({name, summary}) => [name, summary] as const)], current);
}

type Candidate = readonly [text: string, meaning: string];

/** bash gives `--x`, `=`, `y` for `--x=y`. */
function joinEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [index, word] of words.entries()) {
    const isGlued = word === '=' || (words[index - 1] === '=' && joined.length > 0);
    if (isGlued && joined.length > 0) joined[joined.length - 1] += word;
    else joined.push(word);
  }
  return joined;
}

function optionCandidates(current: string, options: readonly OptionSpec[]): Candidate[] {
  const [word] = current.includes('=') ? readOptionWord(current, options) : [];
  if (word) return valuesOf(word);
  return options.flatMap(({name, text, kind, fallback}): Candidate[] => [
    [`--${name}`, text],
    ...(kind === 'boolean' && fallback !== 'false' ? [[`--no-${name}`, text] as const] : []),
  ]);
}

function valuesOf({spec}: OptionWord): Candidate[] {
  return choicesOf(spec).map(([choice, text]) => [`--${spec.name}=${choice}`, text]);
}

function choicesOf({choices = [], text}: OptionSpec): Candidate[] {
  return choices.map((choice) => [choice, text]);
}

function matching(candidates: readonly Candidate[], current: string): string[] {
  return candidates
    .filter(([text]) => text.startsWith(current))
    .map(([text, meaning]) => `${text}\t${meaning}`);
}
