/** Cuts the command line into one slice a task, and takes ftask's own options out of it. */
import type {OptionSpec} from '../../runner/option-spec.ts';
import type {TaskSpec} from '../../runner/task-spec.ts';
import {CORE_OPTIONS} from '../core-options.ts';
import {type FoundTask, findTask, nearestTask} from './find-task.ts';
import {looksLikeOption, type OptionWord, readOptionWord, takesNextWord} from './option-word.ts';
import {type Problem, unknownOption} from './problem.ts';

/** One task with the words that belong to it. */
export interface Slice {
  readonly task: TaskSpec;
  /** As typed, the task's name first. */
  readonly words: readonly string[];
  /** For its parser: every option in its one spelling, `--name=text`. */
  readonly args: readonly string[];
  /** Places for words without a name that are not taken yet; that of a list never is. */
  readonly places: readonly OptionSpec[];
}

/** A core option as it was given; switches give `true` or `false`. */
export interface CoreWord {
  readonly spec: OptionSpec;
  readonly text: string;
}

export interface Sliced {
  readonly core: readonly CoreWord[];
  readonly coreWords: readonly string[];
  readonly slices: readonly Slice[];
  /** Words that belong to no task: what they could mean is in `problems`. */
  readonly stray: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Cuts argv. Never fails: what cannot be understood is told in `problems`. Every word is in exactly
 * one of `coreWords`, `stray` and the slices' `words`. `file` is where the tasks are from, for a hint.
 */
export function sliceArgv(argv: readonly string[], tasks: readonly TaskSpec[], file?: string): Sliced {
  return new Slicer(argv, tasks, file).cut();
}

interface OpenSlice extends Slice {
  readonly words: string[];
  readonly args: string[];
  readonly places: OptionSpec[];
}

class Slicer {
  readonly #argv: readonly string[];
  readonly #tasks: readonly TaskSpec[];
  readonly #file: string | undefined;
  readonly #core: CoreWord[] = [];
  readonly #coreWords: string[] = [];
  readonly #slices: OpenSlice[] = [];
  readonly #stray: string[] = [];
  readonly #problems: Problem[] = [];
  #at = 0;
  /** The word after an option that is not known is probably its value, not a task. */
  #afterUnknown = false;

  constructor(argv: readonly string[], tasks: readonly TaskSpec[], file: string | undefined) {
    this.#argv = argv;
    this.#tasks = tasks;
    this.#file = file;
  }

  cut(): Sliced {
    while (this.#at < this.#argv.length) this.#step(this.#argv[this.#at] ?? '');
    return {
      core: this.#core,
      coreWords: this.#coreWords,
      slices: this.#slices,
      stray: this.#stray,
      problems: this.#problems,
    };
  }

  #step(word: string): void {
    const slice = this.#slices.at(-1);
    const own = slice ? readOptionWord(word, slice.task.options) : [];
    const core = readOptionWord(word, CORE_OPTIONS);
    if (word === '--') this.#rest(slice);
    else if (slice && own.length > 0) this.#taskOption(slice, own);
    else if (core.length > 0) this.#coreOption(core);
    else if (looksLikeOption(word)) this.#unknown(word, slice);
    else this.#plain(word, slice);
  }

  #taskOption(slice: OpenSlice, options: readonly OptionWord[]): void {
    const where = slice.task.name;
    slice.words.push(this.#take());
    for (const option of options) {
      const text = this.#textOf(option, slice.words, slice.task, where);
      if (text !== undefined) slice.args.push(spell(option.spec, text));
    }
  }

  #coreOption(options: readonly OptionWord[]): void {
    this.#coreWords.push(this.#take());
    for (const option of options) {
      const text = this.#textOf(option, this.#coreWords, this.#slices.at(-1)?.task);
      if (text !== undefined) this.#core.push({spec: option.spec, text});
    }
  }

  /** The value of an option; undefined, and a problem told, when it has none that can be. */
  #textOf(option: OptionWord, words: string[], task?: TaskSpec, where?: string): string | undefined {
    const {spec, text, negated} = option;
    const problem = (message: string): undefined => {
      this.#problems.push({message, ...(where && {task: where})});
      return undefined;
    };
    if (spec.kind === 'boolean') {
      const value = text ?? String(!negated);
      if (value === 'true' || value === 'false') return value;
      return problem(`--${spec.name} is true or false, not '${value}'`);
    }
    if (!takesNextWord(option)) return text ?? 'true';
    const next = this.#argv[this.#at];
    const missing = next === undefined || next === '--' || this.#isLongOption(next, task);
    if (missing) return problem(`--${spec.name} needs a value: --${spec.name} ${spec.placeholder}`);
    words.push(this.#take());
    return next;
  }

  #isLongOption(word: string, task: TaskSpec | undefined): boolean {
    if (!word.startsWith('--')) return false;
    return readOptionWord(word, [...(task?.options ?? []), ...CORE_OPTIONS]).length > 0;
  }

  #unknown(word: string, slice: OpenSlice | undefined): void {
    this.#problems.push(unknownOption(word, slice?.task, CORE_OPTIONS));
    (slice?.words ?? this.#stray).push(this.#take());
    this.#afterUnknown = !word.includes('=');
  }

  #plain(word: string, slice: OpenSlice | undefined): void {
    const place = slice?.places[0];
    const found = findTask(this.#argv.slice(this.#at, this.#at + 2), this.#tasks);
    if (slice && place && (place.required || !found)) this.#operand(slice, place);
    else if (found) this.#open(found);
    else this.#unknownTask(word, slice);
    this.#afterUnknown = false;
  }

  #unknownTask(word: string, slice: OpenSlice | undefined): void {
    (slice?.words ?? this.#stray).push(this.#take());
    if (this.#afterUnknown) return;
    const hint = () => this.#taskHint(word);
    this.#problems.push({
      message: `unknown task '${word}'`,
      // Looked for only when it is told: completion has no time for it.
      get hint() {
        return hint();
      },
    });
  }

  #taskHint(word: string): string {
    const meant = nearestTask(word, this.#tasks);
    const from = this.#file ? ` of ${this.#file}` : '';
    return meant ? `did you mean ${meant}?` : `ftask --list shows all tasks${from}`;
  }

  #operand(slice: OpenSlice, place: OptionSpec): void {
    if (place.kind === 'list' || place.kind === 'map') slice.places[0] = {...place, required: false};
    else slice.places.shift();
    const word = this.#take();
    slice.words.push(word);
    slice.args.push(word);
  }

  #open({task, length}: FoundTask): void {
    const words = Array.from({length}, () => this.#take());
    this.#slices.push({task, words, args: [], places: task.options.filter((option) => option.positional)});
  }

  /** Everything behind `--` belongs to the task, whatever it looks like. */
  #rest(slice: OpenSlice | undefined): void {
    const rest = this.#argv.slice(this.#at);
    this.#at = this.#argv.length;
    if (slice) {
      slice.words.push(...rest);
      slice.args.push(...rest);
      return;
    }
    this.#stray.push(...rest);
    this.#problems.push({message: 'no task before --', hint: 'ftask <task> -- ...'});
  }

  #take(): string {
    const word = this.#argv[this.#at] ?? '';
    this.#at += 1;
    return word;
  }
}

function spell(spec: OptionSpec, text: string): string {
  if (spec.kind !== 'boolean') return `--${spec.name}=${text}`;
  return text === 'true' ? `--${spec.name}` : `--no-${spec.name}`;
}
