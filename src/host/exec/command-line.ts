/** The one line that a login shell is given for a command: it tells where it is, prepares, then runs the command. */
import {UsageError} from '../../errors.ts';
import {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';
import {quoteWord} from '../quote.ts';

/**
 * MAX_ARG_STRLEN of execve(2) on Linux, with the NUL byte at the end: the login shell gets all in one argument.
 */
const MAX_BYTES = 131_071;

const NAME = /^[A-Za-z_]\w*$/;

/** What the lines of the script are marked with, so that no output can be taken for them. */
export interface Tokens {
  readonly mark: string;
  /** What sudo asks with; undefined when there is no password to answer with. */
  readonly prompt: string | undefined;
}

/**
 * The command as a line for any login shell (dash, bash, zsh, ksh, fish). Before the command's own output stand lines
 * `<mark> <word> <rest>` on its stderr, all of them on stdout when it has a terminal:
 * `at <pid>` (a process of it), `send` (it reads `secretLines` now), `no` (there is no such folder; it did not run),
 * `go <pid>` (the command starts). `go` stands on stdout, too.
 * @throws UsageError on a name or a word that no environment can hold, and on a line that is too long
 */
export function commandLine(command: Command, tokens: Tokens): string {
  const inner = innerScript(command, tokens.mark);
  const line = `exec sh -c ${quoteWord(command.sudo ? sudoScript(inner, command, tokens) : inner)}`;
  const bytes = Buffer.byteLength(line);
  if (bytes <= MAX_BYTES) return line;
  throw new UsageError(
    'CommandTooLong',
    `the command takes ${bytes} bytes with its quotes; a command line holds ${MAX_BYTES}: ${line.slice(0, 60)}...`,
    {hint: 'hand long lists and content over in stdin'},
  );
}

/** The secret part of the environment, as the script reads it. @throws UsageError on a NUL byte */
export function secretLines(env: Command['env']): string {
  const lines = secretsOf(env).flatMap(([name, secret]) => {
    if (secret.includes('\0') || /\p{Surrogate}/u.test(secret))
      throw new UsageError('BadWord', `the secret ${name} holds a NUL byte or is not valid Unicode`);
    const [first = '', ...rest] = secret.split('\n').map(inQuotes);
    return [`${name}=${first}`, ...rest.map((line) => `${name}=$${name}$ftask_n${line}`), `export ${name}`];
  });
  return [...lines, 'ftask_all=1', '', ''].join('\n');
}

/** The secret variables of an environment. */
export function secretsOf(env: Command['env'] = {}): [string, string][] {
  return Object.entries(env).flatMap(([name, value]) =>
    value instanceof Secret ? [[name, value.reveal()] satisfies [string, string]] : [],
  );
}

function innerScript({cwd, umask, env, pty, text}: Command, mark: string): string {
  for (const name of Object.keys(env ?? {})) {
    if (!NAME.test(name))
      throw new UsageError('BadName', `no shell takes ${JSON.stringify(name)} as the name of a variable`);
  }
  const say = pty ? 'printf' : 'printf >&2';
  const hasSecrets = secretsOf(env).length > 0;
  const plain = Object.entries(env ?? {}).filter(([, value]) => typeof value === 'string');
  return [
    // What follows may take its time, or fail: the process is known by then.
    ...(cwd !== undefined || Object.keys(env ?? {}).length > 0 ? [`${say} '%s\\n' "${mark} at $$"`] : []),
    ...(cwd === undefined ? [] : [enterFolder(cwd, `${say} '%s\\n' '${mark} no'`)]),
    ...(umask === undefined ? [] : [`umask ${umask.toString(8).padStart(3, '0')}`]),
    ...(hasSecrets ? readSecrets(`${say} '%s\\n' '${mark} send'`, pty === true) : []),
    ...plain.map(([name, value]) => `export ${name}=${quoteWord(String(value))}`),
    ...(pty ? [] : [`printf '%s\\n' '${mark} go'`]),
    `${say} '%s\\n' "${mark} go $$"`,
    text,
  ].join('\n');
}

/** A relative folder is never looked up in CDPATH, and never taken for an option or for `-`. */
function enterFolder(folder: string, sayNo: string): string {
  const path = folder.startsWith('/') ? folder : `./${folder}`;
  return `cd ${quoteWord(path)} 2>/dev/null || { ${sayNo}; exit 1; }`;
}

/** `read` takes byte by byte, so nothing of the command's own input is lost. A raw terminal takes every byte, too. */
function readSecrets(saySend: string, isTerminal: boolean): string[] {
  return [
    ...(isTerminal ? ['ftask_t=$(stty -g) && stty raw -echo || exit 1'] : []),
    saySend,
    "ftask_all= ftask_n='\n'",
    'while IFS= read -r ftask_l && [ -n "$ftask_l" ]; do eval "$ftask_l"; done',
    '[ -n "$ftask_all" ] || exit 1',
    ...(isTerminal ? ['stty "$ftask_t"'] : []),
    'unset ftask_l ftask_n ftask_t ftask_all',
  ];
}

function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Only sudo speaks English here; the command gets back the language that the user has. */
function sudoScript(inner: string, {sudo, pty}: Command, {mark, prompt}: Tokens): string {
  const user = quoteWord(sudo === true ? 'root' : String(sudo));
  const asking = prompt === undefined ? '-n' : `-S -p ${quoteWord(prompt)}`;
  const restore = '[ -z "$LC_ALL" ] || LC_ALL=$1; [ -n "$LC_ALL" ] || unset LC_ALL; shift';
  return [
    `printf '%s\\n' "${mark} at $$"${pty ? '' : ' >&2'}`,
    'set -- "$LC_ALL"',
    'LC_ALL=C; export LC_ALL',
    `exec sudo -H -u ${user} ${asking} -- sh -c ${quoteWord(`${restore}\n${inner}`)} sh "$1"`,
  ].join('\n');
}
