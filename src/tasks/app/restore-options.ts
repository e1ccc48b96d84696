/** What the restores of applications have in common: their options, their rows, and the run on each host. */
import {z} from 'zod';
import type {Application} from '../../app/application.ts';
import {
  describeRestore,
  type RestoreRequest,
  type RestoreRow,
  recoverApplication,
  restoreApplication,
} from '../../app/restore/restore.ts';
import type {Context} from '../../context/context.ts';
import type {Host} from '../../host/host.ts';
import {flag, secret} from '../../runner/option.ts';
import type {TaskOutput} from '../../runner/task.ts';
import {applicationRun, recorded, recorder} from './application-run.ts';

/** A part of the options of both. */
export const restoreOptions = {
  from: z
    .string()
    .min(1)
    .default('latest')
    .describe('The newest that is whole, one by its name on the host, or an archive of this machine.')
    .meta({placeholder: 'latest|NAME|FILE'}),
  validateOnly: flag('Only prove that it could be restored; nothing of that stays on the host.'),
  safetyBackup: z.boolean().default(true).describe('Make a backup of what is there first.'),
  targetHost: z
    .string()
    .min(1)
    .optional()
    .describe('The host that is meant, though the backup is of another.')
    .meta({placeholder: 'HOST', names: 'hosts'}),
  ageIdentity: secret('File with the identity of age that decrypts the archive.').optional(),
  recover: flag('Take a restore back that was cut off, such as by a reboot of the host.'),
  dryRun: flag('Tell what would be replaced; change nothing.'),
};

type Given = z.output<z.ZodObject<typeof restoreOptions>>;

/** Asked before anything runs. */
export function destruction({validateOnly, recover}: Pick<Given, 'validateOnly' | 'recover'>) {
  return validateOnly || recover
    ? undefined
    : 'what the application has now is replaced by what is in a backup.';
}

export const restoreOutput: TaskOutput<RestoreRow> = {
  id: ({host, snapshot}) => (snapshot === '' ? '' : `${host}:${snapshot}`),
  columns: ['host', 'result', 'seconds', 'snapshot'],
};

/** Restores it on every host of the run, or on the target. @throws UsageError without hosts; SomeFailed with the rows of the others */
export async function restoreOnHosts(
  context: Context,
  application: Application,
  given: Given,
): Promise<readonly RestoreRow[]> {
  const {targetHost} = given;
  const isNamed = context.hosts.length === 0 && targetHost !== undefined;
  return context.onEach((host, say) => restoreOn(context, host, {application, given, say}), {
    title: `restore ${application.name}`,
    ...(isNamed && {hosts: [context.host(targetHost)]}),
  });
}

interface Wish {
  readonly application: Application;
  readonly given: Given;
  readonly say: (text: string) => void;
}

async function restoreOn(context: Context, host: Host, {application, given, say}: Wish): Promise<RestoreRow> {
  const {from, validateOnly, safetyBackup, targetHost, ageIdentity: identity, recover} = given;
  const request: RestoreRequest = {
    from,
    validateOnly,
    safetyBackup,
    ...(targetHost !== undefined && {targetHost}),
    ...(identity && {identity}),
  };
  const run = applicationRun(context, host, `restore of ${application.name}`, say);
  if (context.dryRun) return describeRestore(host, application, request, run);
  const record = recorder(context, {
    kind: 'app-restore',
    application: application.name,
    host: host.name,
  });
  const row = await recorded(record, () =>
    recover
      ? recoverApplication(host, application, run)
      : restoreApplication(host, application, request, run),
  );
  if (row.safety !== null) run.note(`what was there before is in ${row.safety}`);
  return row;
}
