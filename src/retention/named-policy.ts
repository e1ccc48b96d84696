/** Policies as people write them: by a name of the configuration, or as text. */
import {UsageError} from '../errors.ts';
import {nearestName} from '../nearest.ts';
import {type Policy, parsePolicy} from './policy.ts';

/** Whether it can be nothing but a name. */
export function isPolicyName(nameOrText: string): boolean {
  return /^[^=:,]*$/.test(nameOrText);
}

/** The policy of this name, or the one that the text is. @throws UsageError `BadPolicy` */
export function namedPolicy(nameOrText: string, policies: Readonly<Record<string, string>>): Policy {
  const named = Object.hasOwn(policies, nameOrText) ? policies[nameOrText] : undefined;
  if (named === undefined && isPolicyName(nameOrText)) throw unknownName(nameOrText, policies);
  return parsePolicy(named ?? nameOrText);
}

function unknownName(name: string, policies: Readonly<Record<string, string>>): UsageError {
  const nearest = nearestName(name, Object.keys(policies));
  return new UsageError('BadPolicy', `no policy in retention.policies is called ${JSON.stringify(name)}`, {
    hint:
      nearest === undefined
        ? 'Without a name, a policy is such as daily=7,weekly=4.'
        : `did you mean ${nearest}?`,
  });
}
