/** The lab file: what fleet there is, how fast time runs and what goes wrong. */
import {z} from 'zod';
import {parseDuration} from '../../duration.ts';
import {faultRules} from './fault-schema.ts';
import {historySchema} from './history/schema.ts';

const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not the name of a region');

const tags = z.record(z.string().min(1).max(128), z.string().max(256)).default({});

const volume = z.union([
  z.number().int().min(1).max(65_536),
  z.strictObject({
    size: z.number().int().min(1).max(65_536),
    type: z.enum(['standard', 'gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1']).default('gp3'),
    iops: z.number().int().positive().optional(),
    tags,
    encrypted: z.boolean().default(false),
    multi_attach: z.boolean().default(false),
    delete_on_termination: z.boolean().optional(),
    filesystem: z.enum(['ext4', 'xfs']).optional(),
    mount: z
      .string()
      .regex(/^\/\S+$/, 'must be a full path such as /data')
      .optional(),
  }),
  z.strictObject({shared: z.string()}),
]);

const instance = z.strictObject({
  type: z.string().default('t3.small'),
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  state: z.enum(['running', 'stopped', 'terminated']).default('running'),
  zone: z.string().default('a'),
  root: z.string().default('/dev/xvda'),
  tags,
  volumes: z.record(z.string().startsWith('/dev/', 'must be a device such as /dev/xvda'), volume).default({}),
});

/** A region; one without instances is as good as any. */
export const regionSchema = z.strictObject({
  opted_in: z.boolean().default(true),
  zones: z.array(z.string()).min(1).default(['a', 'b', 'c']),
  encryption_by_default: z.boolean().default(false),
  recycle_bin: z.strictObject({days: z.number().int().min(1).max(365)}).optional(),
  shared: z.record(z.string(), volume.options[1]).default({}),
  instances: z.record(z.string(), instance.nullable()).default({}),
});

const generate = z.strictObject({
  instances: z.number().int().min(1).max(1_000_000),
  volumes: z.number().int().min(0).max(20).default(1),
  regions: z.array(z.string()).min(1),
  tags,
  volume_tags: tags,
  size: z.number().int().min(1).max(65_536).default(8),
});

const delay = z
  .string()
  .transform((text) => parseDuration(text) ?? Number.NaN)
  .refine((ms) => ms <= 10_000, 'must be a delay such as 40ms, 10s at most');

const BITS = {kbit: 1e3, mbit: 1e6, gbit: 1e9} as const;

const bandwidth = z
  .string()
  .regex(/^\d+(\.\d+)?(k|M|G)bit$/i, 'must be a bandwidth such as 100Mbit')
  .transform((text) => Number.parseFloat(text) * BITS[text.slice(-4).toLowerCase() as keyof typeof BITS]);

/** What is between two regions; without one they are as near as this machine is to itself. */
const link = z
  .strictObject({
    between: z.tuple([regionName, regionName]),
    delay: delay.default(0),
    bandwidth: bandwidth.optional(),
  })
  .transform(({between, delay: delayMs, bandwidth: bitsPerSecond}) => ({
    between,
    delayMs,
    ...(bitsPerSecond !== undefined && {bitsPerSecond}),
  }));

const keyState = z.enum(['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable']);

/** A key id, an ARN or an alias alone is an enabled key to encrypt with, in every region unless its ARN names one. */
const kmsKey = z.union([
  z.string().transform((name) => ({name, state: 'Enabled' as const, symmetric: true, region: undefined})),
  z.strictObject({
    name: z.string(),
    region: regionName.optional(),
    state: keyState.default('Enabled'),
    symmetric: z.boolean().default(true),
  }),
]);

const range = z.tuple([z.number().min(0), z.number().min(0)]);

export const fleetSchema = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be 12 digits in quotes')
    .default('123456789012'),
  seed: z.number().int().default(1),
  clock: z
    .strictObject({speed: z.number().positive().default(20), offset_minutes: z.number().default(0)})
    .prefault({}),
  timing: z
    .strictObject({
      snapshot_seconds: range.default([30, 120]),
      copy_seconds: range.default([60, 240]),
      state_change_seconds: z.number().min(0).default(10),
      attach_seconds: z.number().min(0).default(2),
      eventual_consistency_seconds: z.number().min(0).default(1),
    })
    .prefault({}),
  quotas: z
    .strictObject({
      pending_snapshots_per_volume: z.number().int().positive().default(5),
      seconds_between_snapshots_of_a_volume: z.number().min(0).default(15),
      pending_copies_per_region: z.number().int().positive().default(20),
      pending_snapshots_per_region: z.number().int().positive().nullable().default(null),
      snapshots_per_region: z.number().int().positive().default(100_000),
    })
    .prefault({}),
  hardware: z
    .strictObject({
      mib_per_gib: z.number().int().min(4).max(1024).default(16),
      store_gib: z.number().int().min(1).max(1024).default(32),
    })
    .prefault({}),
  throttling: z.boolean().default(true),
  kms_keys: z.array(kmsKey).default([]),
  faults: faultRules.default([]),
  regions: z.record(regionName, regionSchema).default({}),
  links: z.array(link).default([]),
  generate: z.array(generate).default([]),
  history: z.array(historySchema).default([]),
});

export type Fleet = z.infer<typeof fleetSchema>;
export type FleetInstance = z.infer<typeof instance>;
export type FleetVolume = z.infer<(typeof volume.options)[1]>;
