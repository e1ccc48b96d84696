/** Which lines of the configuration apply to one host, in the order in which they count. */
import {UsageError} from '../../errors.ts';
import {matchesPattern} from '../pattern.ts';
import type {ConfigLine} from './files/line.ts';
import type {ConfigFile} from './files/read.ts';
import {judgeMatch} from './match.ts';

export interface Applied {
  /** What was said first counts; some keywords add up. */
  readonly lines: readonly ConfigLine[];
  /** What ssh alone can judge; when it is not empty, `lines` is not the answer. */
  readonly unresolved: readonly string[];
}

export interface Query {
  readonly alias: string;
  readonly localUser: string;
  /** Said on the command line: counts before all files. */
  readonly first: readonly ConfigLine[];
}

/**
 * Walks through the files for one host.
 * @throws UsageError with `file:line` on a broken Host or Match line
 */
export function evaluate(files: readonly ConfigFile[], query: Query): Applied {
  const lines = [...query.first];
  const unresolved: string[] = [];
  const walk = (file: ConfigFile, isReachable: boolean): void => {
    let isActive = isReachable;
    for (const entry of file.entries) {
      if (entry.keyword === 'host') isActive = isReachable && matchesHost(entry, query.alias);
      else if (entry.keyword === 'match') isActive = matches(entry) && isReachable;
      else if (entry.included) for (const each of entry.included) walk(each, isActive);
      else if (isActive) lines.push(entry);
    }
  };
  const matches = (entry: ConfigLine): boolean => {
    const said = (keyword: string): string | undefined =>
      lines.find((line) => line.keyword === keyword)?.words[0];
    const {isMatch, maybe} = judgeMatch(entry, {
      originalHost: query.alias,
      host: expandHostName(said('hostname'), query.alias),
      user: said('user') ?? query.localUser,
      localUser: query.localUser,
    });
    if (maybe !== undefined) unresolved.push(`${entry.origin}: ${maybe}`);
    return isMatch;
  };
  for (const file of files) walk(file, true);
  const canonical = lines.find(({keyword}) => keyword === 'canonicalizehostname');
  if (canonical && !/^(no|false)$/i.test(canonical.words[0] ?? ''))
    unresolved.push(`${canonical.origin}: ${canonical.written}`);
  return {lines, unresolved};
}

/** The HostName that was configured, with `%h` standing for what was asked for. */
export function expandHostName(hostName: string | undefined, alias: string): string {
  return hostName === undefined
    ? alias
    : hostName.replaceAll(/%([h%])/g, (_, token) => (token === 'h' ? alias : '%'));
}

function matchesHost({words, origin}: ConfigLine, alias: string): boolean {
  if (words.includes('')) throw new UsageError('BadSshConfig', `${origin}: Host has an empty pattern`);
  const isNegated = (pattern: string): boolean =>
    pattern.startsWith('!') && matchesPattern(alias, pattern.slice(1));
  return !words.some(isNegated) && words.some((pattern) => matchesPattern(alias, pattern));
}
