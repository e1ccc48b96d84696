/** Reading one word of the command line as an option. */
import type {OptionSpec} from '../../runner/option-spec.ts';

/** An option as it was typed: `--name`, `--name=text`, `--no-name`, `-n`. */
export interface OptionWord {
  readonly spec: OptionSpec;
  /** What follows `=`, or is written right behind a short name. */
  readonly text: string | undefined;
  readonly negated: boolean;
}

/** The options that a word names: several for `-qv`, none when it names no known one. */
export function readOptionWord(word: string, specs: readonly OptionSpec[]): readonly OptionWord[] {
  if (word.startsWith('--')) return longOption(word, specs);
  return word.startsWith('-') ? shortOptions(word.slice(1), specs) : [];
}

/** Whether the word can only be meant as an option: `-x`, `--x`, but neither `-` nor `-5`. */
export function looksLikeOption(word: string): boolean {
  return /^-[^\d.]/.test(word) && word !== '--';
}

/** Whether the option takes the next word when nothing is written behind it. */
export function takesNextWord({spec, text}: OptionWord): boolean {
  return text === undefined && spec.kind !== 'boolean' && spec.kind !== 'switch-or-text';
}

function longOption(word: string, specs: readonly OptionSpec[]): readonly OptionWord[] {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals).replaceAll('_', '-');
  const text = equals < 0 ? undefined : word.slice(equals + 1);
  const spec = specs.find((option) => !option.positional && hasName(option, name));
  if (spec) return [{spec, text, negated: false}];
  const positive = name.startsWith('no-') && text === undefined ? name.slice(3) : undefined;
  const negated = positive && specs.find((option) => option.kind === 'boolean' && hasName(option, positive));
  return negated ? [{spec: negated, text: undefined, negated: true}] : [];
}

function shortOptions(letters: string, specs: readonly OptionSpec[]): readonly OptionWord[] {
  const found: OptionWord[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const spec = specs.find((option) => option.short === letters[at]);
    if (!spec) return [];
    const rest = letters.slice(at + 1);
    const takesRest = rest.startsWith('=') || (spec.kind !== 'boolean' && rest !== '');
    found.push({spec, text: takesRest ? rest.replace(/^=/, '') : undefined, negated: false});
    if (takesRest) break;
  }
  return found;
}

function hasName(option: OptionSpec, name: string): boolean {
  return option.name === name || option.aliases.includes(name);
}
