/** The options that both backup tasks have, and how they become a request. */
import {z} from 'zod';
import type {Context} from '../../context/context.ts';
import {checkTags} from '../../ec2/tags.ts';
import {UsageError} from '../../errors.ts';
import {flag, keyValues, list} from '../../runner/option.ts';
import type {Columns, TaskOutput} from '../../runner/task.ts';
import type {BackupRequest, VolumeBackup} from '../../snapshot/request.ts';
import {EXTRA_TAG_ROOM} from '../../snapshot/set-tags.ts';
import {consistencyOf, consistencyOptions} from './consistency-options.ts';

/** Option for option as django_fabfile has them, and what its users missed. */
export const backupOptions = {
  synchronously: flag('Wait until the snapshots are complete; make those again that end in error.'),
  ...consistencyOptions,
  excludeBoot: z.boolean().optional().describe('Leave out the volume that an instance boots from.'),
  excludeDevice: list(
    z
      .string()
      .regex(/^\/dev\/\S+$/, 'not a device name, such as /dev/sdf')
      .meta({placeholder: '/dev/NAME'}),
    'Leave out the volume at this device.',
  ),
  description: z
    .string()
    .max(255, 'a description has at most 255 characters')
    .optional()
    .describe("Description of the snapshots instead of the volume's origin."),
  tag: keyValues('Tag the snapshots with this too.').superRefine((tags, context) => {
    for (const message of checkExtraTags(tags)) context.addIssue({code: 'custom', message});
  }),
  dryRun: flag('Show what would be backed up; change nothing.'),
  allowEmpty: flag('Succeed even if there is nothing to back up.'),
};

export type BackupOptions = z.output<z.ZodObject<typeof backupOptions>>;

/** A pipe gets the snapshots' ids; in a dry run, where there are none, the volumes'. */
export const backupOutput: TaskOutput<VolumeBackup> = {
  id: (row) => row.snapshotId ?? row.volumeId,
  columns: (rows) =>
    rows.every(isPlain)
      ? ['snapshotId', 'instanceId', 'device', ...REST, 'consistency']
      : ['snapshotId', 'instanceId', 'device', 'consistency', 'frozenMs', ...REST],
};

const REST: Columns<VolumeBackup> = ['region', 'sizeGiB', 'volumeId', 'state'];

/** Nobody asked for more than a snapshot: what was reached need not be seen first. */
function isPlain({consistency, filesystems}: VolumeBackup): boolean {
  return consistency === 'crash' && filesystems === undefined;
}

/** How to back up: an option, else the configuration. @throws UsageError on too many tags of both, on an idle option */
export function mannerOf(
  options: BackupOptions & {readonly maxFailures?: number | undefined},
  context: Context,
): Omit<BackupRequest, 'regions' | 'selection'> {
  const {config} = context;
  const consistent = consistencyOf(options, context);
  const tags = {...config.backup.tags, ...options.tag};
  const [problem] = checkTags(tags, EXTRA_TAG_ROOM);
  if (problem) throw new UsageError('TooManyTags', `backup.tags and --tag: ${problem}`);
  return {
    excludeBoot: options.excludeBoot ?? config.backup.exclude_boot,
    excludeDevices: options.excludeDevice,
    ...(options.description === undefined ? {} : {description: options.description}),
    tags,
    synchronously: options.synchronously,
    retries: config.snapshot.retries,
    timeoutMs: config.snapshot.timeout,
    pollIntervalMs: config.snapshot.poll_interval,
    ...(options.maxFailures === undefined ? {} : {maxFailures: options.maxFailures}),
    allowEmpty: options.allowEmpty,
    dryRun: options.dryRun,
    ...(consistent && {consistent}),
  };
}

function checkExtraTags(tags: Readonly<Record<string, string>>): string[] {
  const own = Object.keys(tags).filter((key) => key.startsWith('ftask:'));
  return [
    ...checkTags(tags, EXTRA_TAG_ROOM),
    ...own.map((key) => `tag "${key}": keys that begin with ftask: are ftask's own`),
  ];
}
