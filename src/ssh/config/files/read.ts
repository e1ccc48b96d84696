/** The configuration files with what they include, read once. */
import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {UsageError} from '../../../errors.ts';
import {includePaths} from './include-paths.ts';
import {type ConfigLine, readConfigLine} from './line.ts';

/** A line with, for an Include, the files it names. */
export interface ConfigEntry extends ConfigLine {
  readonly included?: readonly ConfigFile[];
}

export interface ConfigFile {
  readonly path: string;
  readonly entries: readonly ConfigEntry[];
}

export interface FileRules {
  /** A relative Include is looked for here. */
  readonly includeFolder: string;
  /** `~` in an Include; undefined in system files, which must not use it. */
  readonly homeDir?: string;
  /** Refuse a file that others may write (OpenSSH does so for the user's files). */
  readonly isPrivate: boolean;
  /** Whose files are trusted beside root's. */
  readonly uid: number;
}

const MAX_DEPTH = 16;

/**
 * Reads a file and all it includes; undefined when it does not exist.
 * @throws UsageError with `file:line` on a broken line, and on a file that others may write
 */
export async function readConfigFile(
  path: string,
  rules: FileRules,
  depth = 0,
): Promise<ConfigFile | undefined> {
  if (depth > MAX_DEPTH)
    throw new UsageError('BadSshConfig', `${path}: more than ${MAX_DEPTH} files include one another`);
  const text = await textOf(path, rules);
  if (text === undefined) return undefined;
  const entries: ConfigEntry[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = readConfigLine(raw, `${path}:${index + 1}`);
    if (line === undefined) continue;
    const included = line.keyword === 'include' && (await readIncluded(line, rules, depth));
    entries.push(included ? {...line, included} : line);
  }
  return {path, entries};
}

async function textOf(path: string, {isPrivate, uid}: FileRules): Promise<string | undefined> {
  try {
    const [text, {mode, uid: owner}] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    if (!isPrivate || ((mode & 0o022) === 0 && (owner === 0 || owner === uid))) return text;
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UsageError('BadSshConfig', `${path} cannot be read: ${message}`, {cause: error});
  }
  throw new UsageError('BadSshConfig', `${path} could be changed by others, so it is not trusted`, {
    hint: `as ssh itself asks for: it is yours or root's, and chmod go-w ${path}`,
  });
}

async function readIncluded(
  {words, origin}: ConfigLine,
  rules: FileRules,
  depth: number,
): Promise<ConfigFile[]> {
  const files: ConfigFile[] = [];
  for (const word of words) {
    for (const path of await includePaths(includePattern(word, origin, rules))) {
      const file = await readConfigFile(path, {...rules, isPrivate: true}, depth + 1);
      if (file !== undefined) files.push(file);
    }
  }
  return files;
}

function includePattern(word: string, origin: string, {includeFolder, homeDir}: FileRules): string {
  if (word.startsWith('/')) return word;
  if (!word.startsWith('~')) return join(includeFolder, word);
  if (homeDir !== undefined && word.startsWith('~/')) return join(homeDir, word.slice(2));
  throw new UsageError('BadSshConfig', `${origin}: an Include cannot be ${word} here`);
}
