/** Commands as values: building one touches nothing, running it is the host's job. */
import type {Readable} from 'node:stream';
import {UsageError} from '../errors.ts';
import {Secret} from '../secret.ts';
import {quoteWord} from './quote.ts';

/** How a command runs, and under whom. All of it composes: sudo, then umask, folder and environment. */
export interface CommandOptions {
  /** Variables on top of the user's own. A `Secret` reaches the command without showing in any process list. */
  readonly env?: Readonly<Record<string, string | Secret>>;
  /** The folder it runs in, from the user's home when relative; a missing one fails the command before it runs. */
  readonly cwd?: string;
  /** Run as root (`true`) or as another user, whose home HOME is then. The rules must let the user run `sh`. */
  readonly sudo?: boolean | string;
  /** Such as 0o077. */
  readonly umask?: number;
  /** What it reads; nothing by default, so that it never waits for a keyboard. */
  readonly stdin?: string | Uint8Array | Secret | Readable;
  /** Milliseconds until it is ended with all that it started; the host's own limit by default. */
  readonly timeoutMs?: number;
  /** Give it a terminal; its two outputs then come as one. */
  readonly pty?: boolean;
  /** It changes nothing, so a dry run may run it. */
  readonly reads?: boolean;
  /** It takes something back: the end of the run neither stops it nor keeps it from being run. */
  readonly undoes?: boolean;
  /** Exit codes that are no failure; `[0]` by default. */
  readonly accept?: readonly number[] | 'any';
  /** Ends it when aborted, beside the signal of the run. */
  readonly signal?: AbortSignal;
  /** What people read in its place, for a long script of our own. */
  readonly shownAs?: string;
}

/** A command with how it runs. */
export interface Command extends CommandOptions {
  /** POSIX shell text with every interpolation quoted. */
  readonly text: string;
  /** The same command, run in another manner. */
  with(options: CommandOptions): Command;
}

/** What `sh` may be given: text and numbers become one word, a list becomes its words, `sh` text stays as it is. */
export type Interpolation = string | number | readonly (string | number)[] | Command;

/** A program with its words, each of which arrives as it is. @throws UsageError on a word that no command line can hold */
export function argv(...words: readonly string[]): Command {
  if (words.length === 0 || words[0] === '')
    throw new UsageError('EmptyCommand', 'a command needs a program to run');
  return commandOf(words.map(quoteWord).join(' '));
}

/**
 * A piece of POSIX shell in which every interpolation is quoted: ``sh`tar -cf ${file} -C ${dir} .` ``.
 * @throws UsageError on a `Secret`: a command line can be read by everybody on the host; hand it over in `env` or `stdin`
 */
export function sh(strings: TemplateStringsArray, ...values: readonly Interpolation[]): Command {
  const parts = strings.map(
    (text, index) => text + (index < values.length ? interpolate(values[index]) : ''),
  );
  return commandOf(parts.join(''));
}

/** Shell text as the operator typed it; nothing is quoted. */
export function shellText(text: string): Command {
  return commandOf(text);
}

/** A command of either form, with more said about how it runs. */
export function toCommand(command: Command | readonly string[], options: CommandOptions = {}): Command {
  const made = isWords(command) ? argv(...command) : command;
  return made.with(options);
}

function commandOf(text: string, options: CommandOptions = {}): Command {
  return {
    ...options,
    text,
    with: (more) => commandOf(text, {...options, ...more, ...mergedEnv(options, more)}),
  };
}

function mergedEnv(first: CommandOptions, second: CommandOptions): Pick<CommandOptions, 'env'> {
  if (!first.env && !second.env) return {};
  return {env: {...first.env, ...second.env}};
}

function isWords(command: Command | readonly string[]): command is readonly string[] {
  return Array.isArray(command);
}

function interpolate(value: Interpolation | undefined): string {
  if (typeof value === 'string') return quoteWord(value);
  if (typeof value === 'number') return quoteWord(String(value));
  if (value instanceof Secret) {
    throw new UsageError('SecretInCommand', 'a secret may not be part of a command line', {
      hint: 'hand it over in env or stdin',
    });
  }
  if (Array.isArray(value)) return value.map((word) => quoteWord(String(word))).join(' ');
  if (typeof value === 'object' && 'text' in value) return value.text;
  throw new UsageError(
    'WrongInterpolation',
    `a command cannot hold ${String(value)}; give text, numbers or lists of them`,
  );
}
