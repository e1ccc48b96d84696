/** What can be made to go wrong, as written in the lab file and posted to `/_lab/faults`. */
import {z} from 'zod';

const rule = z.strictObject({
  action: z.string().default('*'),
  region: z.string().optional(),
  /** The n-th matching calls, counted from 1. */
  nth: z
    .union([
      z
        .number()
        .int()
        .positive()
        .transform((n) => [n]),
      z.array(z.number().int().positive()),
    ])
    .optional(),
  probability: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
  kind: z.enum([
    'lost-answer',
    'lost-request',
    'throttle',
    'error',
    'html',
    'slow',
    'hang',
    'snapshot-error',
    'flawed-copy',
    'flawed-block',
  ]),
  ms: z.number().min(0).default(1000),
  code: z.string().default('InternalError'),
  status: z.number().int().min(400).max(599).optional(),
  message: z.string().default('An internal error has occurred'),
});

export const faultRules = z.array(rule);
export type FaultRule = z.infer<typeof rule>;
