/** What work on an application is given of the run that it is a part of. */
import {hostname, userInfo} from 'node:os';
import type {BackupRun} from '../../app/backup/back-up.ts';
import type {Context} from '../../context/context.ts';
import type {Host} from '../../host/host.ts';
import {packageVersion} from '../../package.ts';

/** On one host; `what` is for whoever finds the host locked. */
export function applicationRun(
  {progress, clock, signal, undo, runId}: Context,
  host: Host,
  what: string,
  say: (text: string) => void,
): BackupRun {
  return {
    owner: `${userInfo().username}@${hostname()}, run ${runId}, ${what}`,
    toolVersion: packageVersion(),
    now: () => clock.now(),
    signal,
    undo,
    say,
    note: (text) => progress.note(`${host.name}: ${text}`),
    warn: (text) => progress.warn(`${host.name}: ${text}`),
  };
}
