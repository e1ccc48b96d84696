/** Which policy holds for a lineage: options, then its tag, then the configuration. */
import {RefusedError, UsageError} from '../../../errors.ts';
import {namedPolicy} from '../../../retention/named-policy.ts';
import {isEmpty, type Policy, type TierCounts} from '../../../retention/policy.ts';
import type {TrimSettings} from '../settings.ts';

/**
 * Returns what tells the policy of a lineage by the value of its tag, if it has one; that throws UsageError on a tag
 * that cannot be read, or that leaves nothing to trim by.
 * @throws UsageError on settings that cannot be read
 * @throws RefusedError when they would keep nothing
 */
export function policyChooser(settings: TrimSettings): (tag: string | undefined) => Policy {
  const given = policyOf(settings.policy ?? settings.defaultPolicy, settings);
  if (isEmpty(given)) {
    throw new RefusedError('EmptyPolicy', 'the policy keeps nothing: all its counts are 0', {
      hint: 'Give at least one, such as --daily 7, or set it in the section retention of the configuration.',
    });
  }
  const known = new Map<string, Policy>();
  return (tag) => {
    if (settings.policy !== undefined || tag === undefined || tag === '') return given;
    const policy = known.get(tag) ?? policyOfTag(tag, settings);
    known.set(tag, policy);
    return policy;
  };
}

function policyOfTag(tag: string, settings: TrimSettings): Policy {
  try {
    const policy = policyOf(tag, settings);
    if (!isEmpty(policy)) return policy;
    throw new UsageError('EmptyPolicy', `the policy ${JSON.stringify(tag)} keeps nothing`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const {code, message, hint} = error;
    throw new UsageError(code, `its tag ${settings.policyTag}: ${message}`, {hint, cause: error});
  }
}

/** Reads a name or a text, with the counts of the command line in the place of its own. @throws UsageError */
function policyOf(nameOrText: string, {policies, counts}: TrimSettings): Policy {
  const policy = namedPolicy(nameOrText, policies);
  const [first] = Object.keys(counts);
  if (first === undefined) return policy;
  if (policy.kind === 'tiers') return {kind: 'tiers', counts: {...policy.counts, ...counts} as TierCounts};
  throw new UsageError(
    'BadPolicy',
    `--${first} does not go with the policy ${nameOrText}, which has no tiers`,
  );
}
