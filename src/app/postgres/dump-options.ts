/** Options of pg_dump that an operator may give. */
import {UsageError} from '../../errors.ts';

/** These are ftask's own: where the dump goes, its format, who connects, and at which moment. */
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
const OWN_LETTERS = /^-[dfFhjpUwW]/;

/** The words that are not empty. @throws UsageError on one that is ftask's own, on one that is no option, on a line end */
export function checkedDumpOptions(words: readonly string[]): readonly string[] {
  const options = words.filter((word) => word !== '');
  for (const word of options) {
    const [name = ''] = word.split('=', 1);
    if (!word.startsWith('-') || word === '--' || /[\r\n]/.test(word)) {
      throw new UsageError('BadDumpOption', `dump options: ${JSON.stringify(word)} is no option of pg_dump`, {
        hint: 'write values behind an equals sign: --exclude-table=log',
      });
    }
    // pg_dump takes any beginning of a long name.
    if (OWN_LETTERS.test(word) || (name.length > 4 && OWN.some((own) => own.startsWith(name))))
      throw new UsageError('BadDumpOption', `dump options: ${name} is set by ftask`);
  }
  return options;
}
