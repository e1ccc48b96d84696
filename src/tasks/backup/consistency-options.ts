/** The options of a consistent backup, and how they and the configuration become a request. */
import {z} from 'zod';
import type {Config} from '../../config/schema.ts';
import type {Context} from '../../context/context.ts';
import {UsageError} from '../../errors.ts';
import {duration, flag} from '../../runner/option.ts';
import type {ConsistencyRequest, Hook} from '../../snapshot/consistency/request.ts';

export const consistencyOptions = {
  consistent: flag('Freeze the filesystems on the hosts while the snapshots are taken.'),
  freezeTimeout: duration('With --consistent: after this a host thaws by itself; 10s unless configured.')
    .refine((ms) => ms > 0, 'a freeze takes some time')
    .optional(),
  freezeRoot: z.boolean().optional().describe('With --consistent: freeze root filesystems, too.'),
  bestEffort: flag('With --consistent: take what can be had; less than asked for is no failure.'),
};

type ConsistencyOptions = z.output<z.ZodObject<typeof consistencyOptions>>;

/** What is asked for, if anything is. @throws UsageError on an option that says how, without --consistent */
export function consistencyOf(
  {consistent, freezeTimeout, freezeRoot, bestEffort}: ConsistencyOptions,
  {config: {consistency}, instanceHost}: Pick<Context, 'config' | 'instanceHost'>,
): ConsistencyRequest | undefined {
  if (!consistent) {
    const given = {
      '--freeze-timeout': freezeTimeout,
      '--freeze-root': freezeRoot,
      '--best-effort': bestEffort,
    };
    const [idle] = Object.entries(given).find(([, value]) => value !== undefined && value !== false) ?? [];
    if (idle === undefined) return undefined;
    throw new UsageError('NotConsistent', `${idle} is for --consistent, which was not given`);
  }
  return {
    freezeTimeoutMs: freezeTimeout ?? consistency.freeze_timeout,
    freezeRoot: freezeRoot ?? consistency.freeze_root,
    bestEffort,
    before: consistency.before.map(hookOf),
    after: consistency.after.map(hookOf),
    hostOf: instanceHost,
  };
}

function hookOf({name, tag, run, user, timeout}: Config['consistency']['before'][number]): Hook {
  const equals = tag?.indexOf('=') ?? 0;
  return {
    name,
    run,
    timeoutMs: timeout,
    ...(tag !== undefined && {tag: {name: tag.slice(0, equals), value: tag.slice(equals + 1)}}),
    ...(user !== undefined && {user}),
  };
}
