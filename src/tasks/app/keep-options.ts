/** How retention of applications is configured: by a policy each, and by the section retention. */
import {z} from 'zod';
import type {Application, Keep} from '../../app/application.ts';
import type {Config} from '../../config/schema.ts';
import {UsageError} from '../../errors.ts';
import {namedPolicy} from '../../retention/named-policy.ts';
import {isEmpty, type Policy} from '../../retention/policy.ts';

const policy = z.string().min(1).optional().meta({placeholder: 'POLICY'});

/** A part of the options of a backup. */
export const keepOptions = {
  keep: policy.describe(
    'Retention of the snapshots on the host: a configured name, daily=7,weekly=4 or the like.',
  ),
  keepLocal: policy.describe('Retention of the archives on this machine.'),
};

/** What options, or else keys of the application, say. */
export interface KeepWish {
  readonly keep?: string | undefined;
  readonly keepLocal?: string | undefined;
}

/** The application with its retention. @throws UsageError on a policy that there is not, or that keeps nothing */
export function withKeep(
  application: Application,
  {keep, keepLocal}: KeepWish,
  {retention}: Config,
): Application {
  if (keep === undefined && keepLocal === undefined) return application;
  const rules: Keep = {
    ...(keep !== undefined && {onHost: policyOf('keep', keep, retention.policies)}),
    ...(keepLocal !== undefined && {here: policyOf('keep_local', keepLocal, retention.policies)}),
    zone: retention.time_zone,
    minKeep: retention.min_keep,
    minAgeMs: retention.min_age,
    maxDeletePercent: retention.max_delete_percent,
  };
  return {...application, keep: rules};
}

function policyOf(key: string, text: string, policies: Readonly<Record<string, string>>): Policy {
  const found = namedPolicy(text, policies);
  if (!isEmpty(found)) return found;
  throw new UsageError('EmptyPolicy', `${key}: the policy ${JSON.stringify(text)} keeps nothing`, {
    hint: 'leave it out to keep all',
  });
}
