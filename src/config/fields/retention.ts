/** The kinds of values that say what retention keeps. */
import {z} from 'zod';
import {UsageError} from '../../errors.ts';
import {isPolicyName} from '../../retention/named-policy.ts';
import {parsePolicy} from '../../retention/policy.ts';
import {checkZone} from '../../retention/zone.ts';
import {text} from './values.ts';

/** Named policies, each written as text. */
export function policies() {
  const name = z
    .string()
    .regex(/^[a-z][\w-]*$/i, 'expected the name of a policy: a letter, then letters, digits and dashes');
  const policy = text().superRefine((written, context) => told(context, () => parsePolicy(written)));
  return z.record(name, policy, {
    error: 'expected a map of policies such as {databases: "daily=14,weekly=8"}',
  });
}

/** A policy, by its name or as text. Which names there are is not known here. */
export function policy() {
  return text().superRefine((written, context) => {
    if (!isPolicyName(written)) told(context, () => parsePolicy(written));
  });
}

/** UTC, or a name of the IANA time zone database. */
export function timeZone() {
  return text(64).superRefine((written, context) => told(context, () => checkZone(written)));
}

function told(context: z.core.$RefinementCtx<string>, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.addIssue({
      code: 'custom',
      message: error.hint ? `${error.message} (${error.hint})` : error.message,
    });
  }
}
