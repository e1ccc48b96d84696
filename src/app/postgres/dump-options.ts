/** Options of pg_dump that an operator may give. */
import {UsageError} from '../../errors.ts';
import type {Postgres} from '../application.ts';

/** These are ftask's own: where the dump goes, its format, who connects, to what, and at which moment. */
const OWN = [
  '--dbname',
  '--file',
  '--format',
  '--host',
  '--jobs',
  '--no-password',
  '--password',
  '--port',
  '--snapshot',
  '--username',
];
const OWN_LETTERS = 'dfFhjpUwW';
/** Behind such a letter the rest of a word is its value: `-xTlog` is `-x -T log`. */
const LETTERS_WITH_VALUE = 'eEnNStTZ';

/**
 * The words that are not empty, for a dump of this format.
 * @throws UsageError on one that is ftask's own, on one that is no option, on a line end, on one that spoils a restore
 */
export function checkedDumpOptions(
  words: readonly string[],
  format: Postgres['format'] = 'plain',
): readonly string[] {
  const options = words.filter((word) => word !== '');
  for (const word of options) {
    if (!word.startsWith('-') || word === '--' || /[\r\n]/.test(word)) {
      throw new UsageError('BadDumpOption', `dump options: ${JSON.stringify(word)} is no option of pg_dump`, {
        hint: 'write values behind an equals sign: --exclude-table=log',
      });
    }
    if (is(word, OWN, OWN_LETTERS)) throw bad(word, 'is set by ftask');
    if (is(word, ['--create'], 'C'))
      throw bad(
        word,
        'would have a restore go to the living database',
        'a restore makes the database itself',
      );
    if (format === 'plain' && is(word, ['--compress'], 'Z'))
      throw bad(word, 'does not go with plain SQL', 'its archive is compressed');
  }
  return options;
}

/** Whether a word has one of these options. pg_dump takes any beginning of a long name, and several letters in one word. */
function is(word: string, names: readonly string[], letters: string): boolean {
  const [name = ''] = word.split('=', 1);
  if (name.startsWith('--')) return names.some((one) => one.startsWith(name));
  for (const letter of name.slice(1)) {
    if (letters.includes(letter)) return true;
    if (LETTERS_WITH_VALUE.includes(letter)) return false;
  }
  return false;
}

function bad(word: string, why: string, hint?: string): UsageError {
  const [name = ''] = word.split('=', 1);
  return new UsageError('BadDumpOption', `dump options: ${name} ${why}`, hint === undefined ? {} : {hint});
}
