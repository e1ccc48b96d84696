/** `ftask mount_snapshot` */
import {readFile} from 'node:fs/promises';
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {formatDuration} from '../duration.ts';
import type {Ec2} from '../ec2/client.ts';
import {type InstanceId, isInstanceId, isSnapshotId, type Region, type SnapshotId} from '../ec2/ids.ts';
import {chooseRegion} from '../ec2/regions.ts';
import {FtaskError, UsageError} from '../errors.ts';
import {instanceTarget} from '../fleet/instance-target.ts';
import {argv} from '../host/command.ts';
import {duration, flag, region} from '../runner/option.ts';
import {defineTask} from '../runner/task.ts';
import {mountSnapshot} from '../snapshot/mount/mount-snapshot.ts';
import type {MountedSnapshot, MountTools} from '../snapshot/mount/request.ts';
import {temporaryTools} from './temporary-tools.ts';

const options = z.object({
  region: region('The region, or the unique beginning of its name; AWS_REGION by default.').optional(),
  snapshotId: z
    .string()
    .refine(isSnapshotId, 'not a snapshot id, such as snap-0123456789abcdef0')
    .describe('The snapshot.'),
  instanceId: z
    .string()
    .refine(isInstanceId, 'not an instance id, such as i-0123456789abcdef0')
    .optional()
    .describe('A running instance to mount it on; a temporary one by default.'),
  readOnly: z
    .boolean()
    .default(true)
    .describe('Let nobody write to it. Its journal is replayed in any case, on the copy.'),
  partition: z.number().int().positive().optional().describe('Of several partitions, the one to mount.'),
  for: duration('How long; until Enter is pressed by default.').optional(),
  key: z
    .string()
    .optional()
    .describe('Public key that may log in to the temporary instance; ~/.ssh/id_ed25519.pub by default.')
    .meta({placeholder: 'FILE.pub'}),
  dryRun: flag('Only check whether it could be mounted.'),
});

export const mount_snapshot = defineTask({
  summary: 'Mount a snapshot on an instance to look into it.',
  description: `Makes a volume of the snapshot, mounts it, tells how to get there, waits for Enter or as long as --for says, then
removes everything it has made: after a failure and after Ctrl-C, too. What kill -9 leaves, ftask cleanup removes.
Through a pipe it prints the place as rsync and scp take it: admin@203.0.113.7:/mnt/ftask-snap-0123456789abcdef0`,
  section: 'Restore',
  options: options.superRefine(({instanceId, key}, context) => {
    if (instanceId !== undefined && key !== undefined)
      context.addIssue({code: 'custom', message: '--key is for a temporary instance, not for --instance-id'});
  }),
  output: {id: placeOf, ownText: true},
  run: async (given, context: Context) => {
    const {config, signal, terminal, dryRun} = context;
    if (given.for === undefined && !terminal && !dryRun) {
      throw new UsageError('NoTerminal', 'without a terminal nobody can press Enter to end it', {
        hint: 'Say how long with --for, such as --for 30m.',
      });
    }
    const authorisedKey = given.instanceId === undefined ? await publicKeyOf(given.key, context) : undefined;
    if (given.instanceId !== undefined)
      await context.lock(`mount_snapshot of ${given.snapshotId} on ${given.instanceId}`);
    const ec2 = await context.ec2();
    const choice = {allowed: config.aws.regions, ...(given.region && {wanted: [given.region] as const})};
    const chosen = await chooseRegion(ec2, choice, signal);
    const {readOnly, partition, instanceId} = given;
    const request = {
      region: chosen,
      snapshot: given.snapshotId as SnapshotId,
      readOnly,
      dryRun,
      ...(instanceId !== undefined && {instance: instanceId as InstanceId}),
      ...(partition !== undefined && {partition}),
      ...(authorisedKey !== undefined && {authorisedKey}),
    };
    return mountSnapshot(toolsOf(context, ec2, chosen), request, async (mounted) => {
      await tell(mounted, {
        context,
        readOnly,
        mayLogIn: instanceId !== undefined || authorisedKey !== undefined,
      });
      await wait(given.for, context);
    });
  },
});

function toolsOf(context: Context, ec2: Ec2, chosen: Region): MountTools {
  const {config} = context;
  return {
    ...temporaryTools(context, ec2),
    regions: config.aws.regions,
    existingHost: (instance) => ({
      host: context.instanceHost(instance, chosen),
      login: instanceTarget(instance, chosen, config),
    }),
  };
}

/** @throws UsageError on a file that cannot be read, or that holds something else */
async function publicKeyOf(file: string | undefined, {temporary}: Context): Promise<string | undefined> {
  if (file === undefined) return temporary.ownKey();
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError('BadKey', `--key: ${error.message}`);
  });
  if (/^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+[^\n]*\n?$/.test(text)) return text;
  throw new UsageError('BadKey', `--key: ${file} is no public key`, {
    hint: 'A public key is one line that begins like ssh-ed25519, in a file whose name ends in .pub.',
  });
}

function placeOf({login, mountPoint}: MountedSnapshot): string {
  return `${withoutPort(login).place}:${mountPoint}`;
}

interface Telling {
  readonly context: Context;
  readonly readOnly: boolean;
  readonly mayLogIn: boolean;
}

/** stdout gets the place at once: whoever reads it works on it while it is there. */
async function tell(mounted: MountedSnapshot, {context, readOnly, mayLogIn}: Telling): Promise<void> {
  const {progress, out, reach} = context;
  const {snapshotId, filesystem, instanceId, region: where, login, hostKey, mountPoint} = mounted;
  const how = readOnly ? 'read-only' : 'read-write, on a copy that is thrown away';
  if (hostKey !== undefined)
    progress.note(`the host key, for known_hosts: ${login.replace(/^.*@/, '')} ${hostKey}`);
  progress.note(
    `${snapshotId} (${filesystem}) is mounted at ${mountPoint} on ${instanceId} in ${where}, ${how}`,
  );
  if (mayLogIn) progress.note(sshCommand(login, hostKey === undefined ? reach.configFile : undefined));
  else progress.note('nobody but ftask can log in: name your public key with --key');
  await out.write(`${placeOf(mounted)}\n`);
}

function sshCommand(login: string, configFile: string | undefined): string {
  const {place, port} = withoutPort(login);
  const options = [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', port]),
  ];
  return argv('ssh', ...options, place).text;
}

/** scp and rsync take the port elsewhere. */
function withoutPort(login: string): {readonly place: string; readonly port?: string | undefined} {
  const [, place = login, port] = /^([^:]*|.*\]):(\d+)$/.exec(login) ?? [];
  return {place, port};
}

async function wait(ms: number | undefined, {clock, signal, progress, ask}: Context): Promise<void> {
  if (ms !== undefined) {
    progress.note(`it stays for ${formatDuration(ms)}; Ctrl-C ends it earlier`);
    return clock.sleep(ms, signal);
  }
  try {
    await ask('Press Enter to unmount it and remove what was made for it:');
  } catch (error) {
    // Ctrl-D means the same.
    if (!(error instanceof FtaskError && error.code === 'NoAnswer')) throw error;
  }
}
