/** A restore that was cut off: whoever comes next has to know of it before anything else is done. */
import {FtaskError, RefusedError} from '../../../errors.ts';
import type {Host} from '../../../host/host.ts';
import {restorePlaces} from '../places.ts';
import {type Report, reportOf} from './state.ts';
import {stateCommand} from './watch-script.ts';

/** What lies in the folder of the snapshots of an earlier restore. */
export type Earlier =
  | {readonly is: 'none'}
  /** Its script is at work. */
  | {readonly is: 'alive'; readonly report: Report}
  /** It never began, or it has ended and nobody took note of that. */
  | {readonly is: 'over'; readonly report: Report}
  /** It has to be taken back. */
  | {readonly is: 'unfinished'; readonly report: Report};

/** Looks, and changes nothing. @throws CommandFailed */
export async function earlierRestore(host: Host, root: string): Promise<Earlier> {
  const {stdout} = await host.run(stateCommand(restorePlaces(root)));
  const [word, ...lines] = stdout.split('\n').slice(0, -1);
  if (word === 'none') return {is: 'none'};
  const report = reportOf(lines);
  if (word === 'alive') return {is: 'alive', report};
  const isOver = !report.hasBegun || report.end === 'restored' || report.end === 'back';
  return {is: isOver ? 'over' : 'unfinished', report};
}

/** @throws RefusedError `RestoreUnfinished`, `Locked`: nothing else may be done before that is over */
export async function refuseUnfinished(host: Host, root: string): Promise<void> {
  const earlier = await earlierRestore(host, root);
  if (earlier.is === 'none' || earlier.is === 'over') return;
  const {about} = earlier.report;
  const which = `the restore of ${about?.snapshot ?? root} by ${about?.owner ?? 'somebody'}`;
  if (earlier.is === 'alive') {
    throw new RefusedError('Locked', `${host.name}: ${which} is still at work`, {
      hint: 'try again when that is done; nothing was changed',
    });
  }
  throw new RefusedError(
    'RestoreUnfinished',
    `${host.name}: ${which} was cut off and is not taken back yet`,
    {
      hint: `take it back first: ${recoverCommand(about?.application, host.name)}`,
    },
  );
}

/** What an operator types to take an unfinished restore back. */
export function recoverCommand(application: string | undefined, host: string): string {
  const task = application === 'fastdeploy' ? 'fastdeploy_restore' : `app_restore --app ${application}`;
  return `ftask -H ${host} ${task} --recover`;
}

/** Why a restore is not what was asked for. */
export class RestoreFailed extends FtaskError {
  readonly report: Report;

  constructor(message: string, report: Report, hint?: string) {
    super('RestoreFailed', message, {hint});
    this.report = report;
  }
}

/** A failed restore in words: what failed, and what became of the application. */
export function failureOf(host: string, report: Report): RestoreFailed {
  const {about, phase, why, isCancelled, hasChanged, end, stuck} = report;
  const reason = isCancelled ? 'it was interrupted' : why.join('; ') || 'it was cut off';
  const what = `${host}: the restore of ${about?.snapshot ?? 'a snapshot'} failed ${WHILE[phase] ?? ''}: ${reason}`;
  const look = 'look at the host';
  const hint = about ? `${look}; then ${recoverCommand(about.application, host)}` : look;
  if (end === undefined) return new RestoreFailed(`${what}\n${host}: it is not all taken back`, report, hint);
  if (end === 'stuck') {
    return new RestoreFailed(
      `${what}\n${host}: not all is as it was before: ${stuck.join(', ')}`,
      report,
      hint,
    );
  }
  const back = hasChanged ? 'all is as it was before' : 'nothing was changed';
  return new RestoreFailed(`${what}\n${host}: ${back}${healthOf(report)}`, report);
}

/** How the application is after all was taken back. */
function healthOf({isWell, wasWell, unwell}: Report): string {
  if (isWell === undefined) return '';
  if (isWell) return ', and its services run';
  const why = unwell.length > 0 ? `: ${unwell.join('; ')}` : '';
  return wasWell ? `, but the application is not well${why}` : ', the application not being well either';
}

const WHILE: Readonly<Record<string, string>> = {
  load: 'while the dump was loaded',
  look: 'before services were stopped',
  stop: 'while services were stopped',
  keep: 'while what is replaced was kept aside',
  swap: 'while the database was replaced',
  files: 'while files were replaced',
  after: 'in the commands after it',
  start: 'while services were started',
  health: 'because the application did not become well',
};
