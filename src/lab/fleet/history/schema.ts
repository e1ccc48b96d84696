/** Snapshots that were made before the lab began, as written in the lab file. */
import {z} from 'zod';
import {parseDuration} from '../../../duration.ts';

/** Who made a snapshot, which its tags and description tell. */
export const MAKERS = ['ftask', 'django_fabfile', 'dlm', 'aws_backup', 'hand'] as const;

/** What can be particular about the snapshots of one moment. */
export const PARTICULARS = [
  'missing', // there is none
  'pending', // for a day
  'error',
  'future', // its tags and description say that it is of tomorrow
  'pinned', // by the tag ftask:pin
  'preserved', // by django_fabfile's tag preserve_snapshot
  'locked', // for a year
  'archived', // an hour after it was made
  'shared', // with another account
  'in_image',
  'copying', // its replica is pending, for ten minutes
] as const;

export type Maker = (typeof MAKERS)[number];
export type Particular = (typeof PARTICULARS)[number];

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 1h')
  .transform((text) => parseDuration(text) ?? 0);

const steps = z
  .record(z.string(), duration)
  .refine((record) => Object.keys(record).length > 0, 'must say how often, such as {1d: 30d}')
  .refine((record) => Object.keys(record).every(parseDuration), 'must have durations such as 1h as keys')
  .transform((record) =>
    Object.entries(record).map(([every, spanMs]) => ({everyMs: parseDuration(every) ?? 0, spanMs})),
  );

export const historySchema = z.strictObject({
  /** By their names; all of them when it is left out. */
  instances: z.array(z.string()).min(1).optional(),
  regions: z.array(z.string()).min(1).optional(),
  made_by: z.enum(MAKERS).default('ftask'),
  /** How often, and for how long until the newest; all in one. */
  every: steps,
  /** How much later than midnight UTC, or the full hour. */
  offset: duration.default(0),
  /** How long ago it ended. */
  ended: duration.default(0),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  /** Regions that have a copy of each. */
  replicas: z.array(z.string()).default([]),
  /** Counted from the newest moment, which is 0. */
  particular: z.partialRecord(z.enum(PARTICULARS), z.array(z.number().int().min(0))).default({}),
});

export type History = z.infer<typeof historySchema>;

/** How far back it goes. */
export function reachMs({every, ended}: History): number {
  return ended + Math.max(...every.map(({spanMs}) => spanMs));
}
