/** One slice becomes the options of its task: commander reads the words, zod checks the values. */
import {Command, Option} from 'commander';
import type {z} from 'zod';
import {inWords} from '../../runner/issue-text.ts';
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {Task} from '../../runner/task.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';
import {convert} from './convert.ts';
import type {Problem} from './problem.ts';
import type {SharedWord} from './shared-words.ts';
import type {Slice} from './slice.ts';

export interface Parsed {
  /** What the task is given; undefined when there are problems. */
  readonly options: unknown;
  readonly problems: readonly Problem[];
}

/** Parses a slice with the task that it names. `shared` counts where it says nothing. Tells all that is wrong at once. */
export async function parseSlice(
  {task: spec, args}: Pick<Slice, 'task' | 'args'>,
  task: Task,
  shared: readonly SharedWord[] = [],
): Promise<Parsed> {
  const {given, problems} = readWords(spec, args);
  for (const {option} of shared) {
    const texts = shared.filter((word) => word.option === option).map(({text}) => text);
    if (!given.has(option.key)) given.set(option.key, texts);
  }
  const values: Record<string, unknown> = {};
  for (const option of spec.options) {
    const texts = given.get(option.key);
    if (!texts) continue;
    try {
      values[option.key] = convert(option, texts);
    } catch (error) {
      problems.push({message: `${nameOf(option)}: ${(error as Error).message}`});
    }
  }
  const checked = await task.options.safeParseAsync(values, inWords);
  const issues = checked.success ? [] : issueProblems(checked.error.issues, spec, problems, given);
  const all = [...problems, ...issues].map((problem) => ({...problem, task: spec.name}));
  return {options: all.length === 0 ? checked.data : undefined, problems: all};
}

type Given = ReadonlyMap<string, readonly string[]>;

function readWords(
  spec: TaskSpec,
  args: readonly string[],
): {given: Map<string, readonly string[]>; problems: Problem[]} {
  const given = new Map<string, readonly string[]>();
  const add = (key: string, text: string) => given.set(key, [...(given.get(key) ?? []), text]);
  const {operands} = parserOf(spec, add).parseOptions([...args]);

  const places = spec.options.filter((option) => option.positional);
  const problems: Problem[] = [];
  for (const [index, text] of operands.entries()) {
    const place = places[Math.min(index, places.length - 1)];
    if (place && (index < places.length || place.kind === 'list' || place.kind === 'map'))
      add(place.key, text);
    else problems.push({message: `'${text}' is too much`});
  }
  return {given, problems};
}

/** Never exits nor prints, and never sees an option that it does not know: the slicer told those. */
function parserOf(spec: TaskSpec, add: (key: string, text: string) => void): Command {
  const command = new Command(spec.name).exitOverride().helpOption(false);
  for (const {key, name, kind} of spec.options.filter((option) => !option.positional)) {
    if (kind === 'boolean') {
      command.option(`--${name}`).on(`option:${name}`, () => add(key, 'true'));
      command.option(`--no-${name}`).on(`option:no-${name}`, () => add(key, 'false'));
    } else {
      command.addOption(new Option(`--${name} <text>`).argParser((text: string) => add(key, text)));
    }
  }
  return command;
}

function issueProblems(
  issues: readonly z.core.$ZodIssue[],
  spec: TaskSpec,
  told: readonly Problem[],
  given: Given,
): Problem[] {
  return issues.flatMap((issue) => {
    const option = spec.options.find(({key}) => key === issue.path[0]);
    if (!option) return [{message: issue.message}];
    if (told.some(({message}) => message.startsWith(`${nameOf(option)}: `))) return [];
    if (!given.has(option.key) && option.required) return [{message: `${nameOf(option)} is required`}];
    return [{message: `${nameOf(option)}: ${issue.message}`}];
  });
}

function nameOf(option: OptionSpec): string {
  return option.positional ? option.placeholder : `--${option.name}`;
}
