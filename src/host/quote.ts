/** Quoting: any word arrives unchanged, in dash, bash, zsh, ksh and fish. */
import {UsageError} from '../errors.ts';

const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * One word of a shell command. What a shell could read in another way is put in single quotes; quotes and
 * backslashes stand outside of them, where POSIX shells (2.2 of the Shell Command Language) and fish agree.
 * @throws UsageError on what no process can be given: a NUL byte, or half of a surrogate pair
 */
export function quoteWord(word: string): string {
  if (word.includes('\0'))
    throw new UsageError('BadWord', `a command line cannot hold a NUL byte: ${JSON.stringify(word)}`);
  if (/\p{Surrogate}/u.test(word))
    throw new UsageError('BadWord', `this text is not valid Unicode: ${JSON.stringify(word)}`);
  // A word with = in front of a command would set a variable, one with ~ or # is never plain.
  if (PLAIN.test(word) && !word.includes('=')) return word;
  return `'${word.replaceAll(/['\\]/g, (mark) => `'\\${mark}'`)}'`;
}
