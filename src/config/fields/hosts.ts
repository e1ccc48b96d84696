/** The kinds of values that say which hosts are worked on. */
import {z} from 'zod';
import {FtaskError} from '../../errors.ts';
import {parseBatch} from '../../host/group/batch.ts';
import {expandHosts, splitHosts} from '../../host/selection/expand.ts';

/** Lists of hosts by the name of their role. */
export function roles() {
  const name = z
    .string()
    .regex(/^\w[\w.-]*$/, 'expected the name of a role: letters, digits, dots and dashes');
  const host = z
    .string("expected a host in quotes such as 'web[1-4]'")
    .superRefine((text, context) => told(context, () => splitHosts(text).filter(isHost).map(expandHosts)));
  const list = z.array(host, "expected a list of hosts such as [db1, 'web[1-4]']");
  return z.record(name, list, {error: "expected a map of roles such as {web: ['web[1-4]']}"});
}

/** Sizes of batches: a number, a percentage or a list of both. */
export function batch() {
  const expected = 'expected a number of hosts (5), a part of all (10%) or a list (1,10%)';
  return z.union([z.int(), z.string()], expected).transform((written, context) => {
    try {
      return parseBatch(String(written));
    } catch {
      context.addIssue({code: 'custom', message: expected});
      return z.NEVER;
    }
  });
}

function isHost(word: string): boolean {
  return !word.startsWith('@');
}

function told(context: z.core.$RefinementCtx<string>, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    context.addIssue({code: 'custom', message: `${error.message} (${error.hint})`});
  }
}
