/** The criteria of a `Match` line (ssh_config(5)). */
import {UsageError} from '../../errors.ts';
import {matchesAny} from '../pattern.ts';
import type {ConfigLine} from './files/line.ts';

/** What criteria are compared with, as far as it is known at that line. */
export interface Matched {
  readonly originalHost: string;
  readonly host: string;
  readonly user: string;
  readonly localUser: string;
}

/** `maybe` names a criterion that only ssh itself can judge; everything else on the line matches. */
export type Verdict = {readonly isMatch: boolean; readonly maybe?: string};

interface Criterion {
  readonly attribute: string;
  readonly isNegated: boolean;
  readonly value: string;
}

/**
 * Judges a Match line.
 * @throws UsageError with `file:line` when it is broken
 */
export function judgeMatch(line: ConfigLine, matched: Matched): Verdict {
  const criteria = criteriaOf(line);
  // One in any file, whatever stands beside it, has ssh read all files twice.
  if (criteria.some(({attribute}) => attribute === 'final')) return {isMatch: false, maybe: 'Match final'};
  const results = criteria.map((criterion) => ({criterion, isTrue: judge(criterion, matched)}));
  if (results.some(({criterion, isTrue}) => isTrue !== undefined && isTrue === criterion.isNegated))
    return {isMatch: false};
  const unknown = results.find(({isTrue}) => isTrue === undefined);
  return unknown ? {isMatch: false, maybe: `Match ${unknown.criterion.attribute}`} : {isMatch: true};
}

function judge({attribute, value}: Criterion, matched: Matched): boolean | undefined {
  const list = value.split(',');
  const lowerList = value.toLowerCase().split(',');
  switch (attribute) {
    case 'all':
      return true;
    case 'host':
      return matchesAny(matched.host.toLowerCase(), lowerList);
    case 'originalhost':
      return matchesAny(matched.originalHost.toLowerCase(), lowerList);
    case 'user':
      return matchesAny(matched.user, list);
    case 'localuser':
      return matchesAny(matched.localUser, list);
    case 'canonical':
      // True in a second pass only, and what asks for one is resolved by ssh.
      return false;
    default:
      return undefined;
  }
}

function criteriaOf({words, origin}: ConfigLine): Criterion[] {
  const criteria: Criterion[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const isNegated = word.startsWith('!');
    const [, name = '', joined] = /^!?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const attribute = name.toLowerCase();
    if (LONE.has(attribute) && joined === undefined) {
      criteria.push({attribute, isNegated, value: ''});
      continue;
    }
    const value = joined ?? rest.shift();
    if (!WITH_VALUE.has(attribute))
      throw new UsageError('BadSshConfig', `${origin}: Match does not know ${JSON.stringify(word)}`);
    if (value === undefined || value === '')
      throw new UsageError('BadSshConfig', `${origin}: Match ${name}: its value is missing`);
    criteria.push({attribute, isNegated, value});
  }
  if (criteria.length === 0) throw new UsageError('BadSshConfig', `${origin}: Match needs a criterion`);
  if (criteria.length > 2 && criteria.some(({attribute}) => attribute === 'all'))
    throw new UsageError('BadSshConfig', `${origin}: Match all cannot stand beside other criteria`);
  return criteria;
}

const LONE: ReadonlySet<string> = new Set(['all', 'canonical', 'final']);

const WITH_VALUE: ReadonlySet<string> = new Set([
  'host',
  'originalhost',
  'user',
  'localuser',
  'localnetwork',
  'exec',
  'tagged',
  'command',
  'version',
  'sessiontype',
]);
