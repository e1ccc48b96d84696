/** What is wrong with the value of an option, in words that need no knowledge of schemas. Pure. */
import type {z} from 'zod';

/** Goes with a check of options. What a schema itself says of a mistake wins over it. */
export const inWords = {error: issueText};

function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  const {input} = issue;
  if (input === '' && issue.code === 'too_small') return 'must not be empty';
  if (typeof input !== 'number') return undefined;
  if (issue.code === 'too_small')
    return `${input} is ${issue.inclusive ? 'less' : 'not more'} than ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `${input} is ${issue.inclusive ? 'more' : 'not less'} than ${issue.maximum}`;
  const isFraction = issue.code === 'invalid_type' && issue.expected === 'int';
  return isFraction ? `${input} is not a whole number` : undefined;
}
