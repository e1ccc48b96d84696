/** What is said on stderr of tasks that ended and of errors. */
import {FtaskError, InterruptedError} from '../../errors.ts';
import {visibleText} from '../../runner/display/visible-text.ts';
import type {TaskReport} from '../../runner/execution/execute.ts';
import {ExitWith, SomeFailed} from '../../runner/outcome.ts';
import type {Paint} from './paint.ts';

/** The closing line of a task: `backup_instances_by_tag: 12 done, 1 failed, 2 skipped in 3.2 s`. */
export function closingLine(report: TaskReport, paint: Paint): string {
  const {name, status, seconds, dryRun, result, failures, skipped, error} = report;
  if (status === 'not-run') return paint.yellow(`${name}: not run`);
  if (error instanceof ExitWith)
    return paint.red(`${name}: exit code ${error.exitCode} in ${seconds.toFixed(1)} s`);
  const counts = [
    result.length > 0 && `${result.length} ${dryRun ? 'planned' : 'done'}`,
    failures.length > 0 && `${failures.length} failed`,
    skipped.length > 0 && `${skipped.length} skipped`,
  ].filter((count) => count !== false);
  if (error instanceof InterruptedError) counts.unshift('interrupted');
  const outcome = status === 'failed' && counts.length === 0 ? ['failed'] : counts;
  const text = `${name}: ${outcome.join(', ') || 'done'} in ${seconds.toFixed(1)} s`;
  return status === 'done' ? paint.green(text) : paint.red(text);
}

/** An error for people: one line each problem, then the code around it, then what to do. */
export function errorLines(error: unknown, paint: Paint, verbose: boolean): string[] {
  if (!(error instanceof FtaskError)) return bugLines(error, paint);
  if (error.message === '') return [];
  const messages = error.message.split('\n').map((line) => paint.red(`ftask: ${visibleText(line)}`));
  const frame = frameOf(error);
  return [
    ...messages,
    ...(frame ? frame.split('\n') : []),
    ...hintLines(error.hint, '  ', paint),
    ...(verbose && !(error instanceof SomeFailed) ? causeLines(error.cause, paint) : []),
  ];
}

function bugLines(error: unknown, paint: Paint): string[] {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return [paint.red('ftask: this is a bug in ftask; please report it with these lines:'), stack];
}

function causeLines(cause: unknown, paint: Paint): string[] {
  if (cause === undefined) return [];
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return text.split('\n').map((line) => paint.dim(`  ${visibleText(line)}`));
}

/** What to do about it, when that is known. */
export function hintLines(hint: string | undefined, indent: string, paint: Paint): string[] {
  return hint === undefined ? [] : [paint.dim(`${indent}hint: ${visibleText(hint)}`)];
}

function frameOf(error: FtaskError): string | undefined {
  return 'frame' in error && typeof error.frame === 'string' ? error.frame : undefined;
}
