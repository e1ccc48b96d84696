/** What a run prints on stdout: its data. */
import {FtaskError} from '../../errors.ts';
import type {TaskReport} from '../../runner/execution/execute.ts';
import {ExitWith, type ItemFailure, SomeFailed} from '../../runner/outcome.ts';
import type {Task, TaskOutput} from '../../runner/task.ts';
import type {Sink} from '../world.ts';
import {cellText, type Row, table} from './table.ts';

/** A task's result as text: a table on a terminal, one identifier a line anywhere else. */
export function resultText({result}: TaskReport, {output}: Pick<Task, 'output'>, stdout: Sink): string {
  if (result.length === 0 || output?.ownText) return '';
  const rows = result.filter(isRow);
  const lines =
    stdout.isTTY && rows.length === result.length
      ? tableOf(rows, output, stdout.columns || 80)
      : result.map((value) => idOf(value, output?.id)).filter((line) => line !== '' || !output?.id);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function tableOf(rows: readonly Row[], output: Task['output'], width: number): string[] {
  const shown = rows.slice(0, output?.mostRows);
  const lines = table(shown, filled(rows, columnsOf(rows, output?.columns)), width);
  const left = rows.length - shown.length;
  return left > 0 ? [...lines, `... ${left} more; through a pipe or with --json they are all told`] : lines;
}

function columnsOf(rows: readonly Row[], columns: TaskOutput<never>['columns']): readonly string[] {
  if (typeof columns !== 'function') return columns ?? allFields(rows);
  return (columns as (rows: readonly unknown[]) => readonly string[])(rows);
}

/** A column in which no row has anything is no help: a dry run has no snapshots yet. */
function filled(rows: readonly Row[], columns: readonly string[]): readonly string[] {
  return columns.filter((column) => rows.some((row) => cellText(row[column]) !== ''));
}

export interface RunReport {
  readonly exit: number;
  /** Null when there was none. */
  readonly run: string | null;
  readonly tasks: readonly TaskReport[];
  /** Why the run as a whole could not be done: a usage error, no configuration, a bug. */
  readonly error?: unknown;
}

/** The one document of `--json`, a line. */
export function runDocument({exit, run, tasks, error}: RunReport): string {
  const document = {ok: exit === 0, exit, run, tasks: tasks.map(taskDocument), error: errorDocument(error)};
  const replacer = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return `${JSON.stringify(document, replacer)}\n`;
}

function taskDocument({name, status, seconds, dryRun, result, failures, skipped, error}: TaskReport): object {
  return {
    name,
    status,
    seconds: Math.round(seconds * 1000) / 1000,
    dryRun,
    result,
    failures: failures.map(failureDocument),
    skipped,
    error: error instanceof SomeFailed ? summaryDocument(error) : errorDocument(error),
  };
}

function failureDocument({item, where, error, row}: ItemFailure): object {
  return {item, where: where ?? null, ...summaryDocument(error), ...(row !== undefined && {row})};
}

function errorDocument(error: unknown): object | null {
  if (error === undefined) return null;
  if (error instanceof ExitWith && error.message === '')
    return {code: error.code, message: `exit code ${error.exitCode}`, hint: null};
  if (error instanceof FtaskError) return summaryDocument(error);
  return {code: 'Bug', message: error instanceof Error ? error.message : String(error), hint: null};
}

function summaryDocument({code, message, hint}: FtaskError): object {
  return {code, message, hint: hint ?? null};
}

function idOf(value: unknown, id: ((row: never) => string) | undefined): string {
  if (id && isRow(value)) return cellText((id as (row: unknown) => string)(value));
  return typeof value === 'string' ? value : cellText(value);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function allFields(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}
