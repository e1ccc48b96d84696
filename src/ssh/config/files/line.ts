/**
 * One line of an ssh_config: its keyword and its words, taken apart as OpenSSH does (readconf.c, argv_split). The package
 * ssh-config 5.3 reads `User a#b`, `Host a\ b`, single quotes and a lone keyword in other ways than ssh -G.
 */
import {UsageError} from '../../../errors.ts';

export interface ConfigLine {
  /** In lower case, and under its present name when it was renamed. */
  readonly keyword: string;
  /** As it stands in the file: `IdentityFile ~/.ssh/id_backup`. */
  readonly written: string;
  readonly words: readonly string[];
  /** All that follows the keyword, for values that are a command line. */
  readonly rest: string;
  /** `file:line`. */
  readonly origin: string;
}

const RENAMED: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  identityfile2: 'identityfile',
  keepalive: 'tcpkeepalive',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  hostbasedkeytypes: 'hostbasedacceptedalgorithms',
  smartcarddevice: 'pkcs11provider',
};

/**
 * Takes a line apart; undefined for an empty one and for a comment.
 * @throws UsageError on a keyword without a value and on a quote that is not closed
 */
export function readConfigLine(text: string, origin: string): ConfigLine | undefined {
  const written = text.trim();
  if (written === '' || written.startsWith('#')) return undefined;
  const [, name = '', rest = ''] = /^"?([^\s="]+)"?\s*=?\s*(.*)$/s.exec(written) ?? [];
  if (name === '' || rest === '')
    throw new UsageError('BadSshConfig', `${origin}: a value is missing after ${JSON.stringify(name)}`);
  const words = splitWords(rest);
  if (words === undefined)
    throw new UsageError('BadSshConfig', `${origin}: a quote is not closed: ${written}`);
  const keyword = name.toLowerCase();
  return {keyword: RENAMED[keyword] ?? keyword, written, words, rest, origin};
}

/** The words up to a comment: quotes of both kinds, backslash before a quote, a backslash or a blank. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return words;
    const end = takeWord(text, at, words);
    if (end === undefined) return undefined;
    at = end;
  }
}

function takeWord(text: string, start: number, words: string[]): number | undefined {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text[at] as string;
    const next = text[at + 1];
    if (char === '\\' && next !== undefined && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
      word += next;
      at += 1;
    } else if (quote === '' && (char === ' ' || char === '\t')) {
      break;
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
    } else if (quote !== '' && char === quote) {
      quote = '';
    } else {
      word += char;
    }
  }
  words.push(word);
  return quote === '' ? at : undefined;
}
