/** What the backups of applications have in common: their options, their rows, and the run on each host. */
import {join} from 'node:path';
import type {Application} from '../../app/application.ts';
import {type BackupRow, backUpApplication, describeBackup} from '../../app/backup/back-up.ts';
import type {Context} from '../../context/context.ts';
import type {Host} from '../../host/host.ts';
import {flag} from '../../runner/option.ts';
import type {TaskOutput} from '../../runner/task.ts';
import {applicationRun, recorder} from './application-run.ts';

export const dryRunOption = {
  dryRun: flag('Tell what would be captured, and whether it fits; change nothing.'),
};

/** A pipe gets the archive here, else the one on the host, else the snapshot. */
export const backupOutput: TaskOutput<BackupRow> = {
  id: ({host, file, archive, snapshot}) => file ?? `${host}:${archive ?? snapshot}`,
  columns: (rows) => ['host', placeIn(rows), 'bytes'],
};

/** One path is all that fits a terminal; the names of the others follow from it. */
function placeIn(rows: readonly BackupRow[]): 'file' | 'archive' | 'snapshot' {
  if (rows.every(({file}) => file !== null)) return 'file';
  return rows.every(({archive}) => archive !== null) ? 'archive' : 'snapshot';
}

/** Backs it up on every host of the run. @throws UsageError without hosts; SomeFailed with the rows of the others */
export async function backUpOnHosts(
  context: Context,
  application: Application,
): Promise<readonly BackupRow[]> {
  const isShared = context.hosts.length > 1;
  return context.onEach((host, say) => backUpOn(context, host, ownOf(application, host, isShared), say), {
    title: `back up ${application.name}`,
  });
}

/** Archives of several hosts may have one name. */
function ownOf(application: Application, {name}: Host, isShared: boolean): Application {
  const {fetch} = application;
  return fetch && isShared ? {...application, fetch: {dir: join(fetch.dir, name)}} : application;
}

async function backUpOn(
  context: Context,
  host: Host,
  application: Application,
  say: (text: string) => void,
): Promise<BackupRow> {
  const run = applicationRun(context, host, `backup of ${application.name}`, say);
  if (context.dryRun) return describeBackup(host, application, run);
  const row = await backUpApplication(host, application, run);
  await recorder(context, {kind: 'app-backup', application: application.name, host: host.name})(row);
  return row;
}
