/** What became of each item of a task that works on many. */
import {FtaskError, RefusedError} from '../errors.ts';

/** One item that failed; the others were carried on with. */
export interface ItemFailure {
  /** What failed: an instance, a snapshot, a host. */
  readonly item: string;
  /** Where it is: a region, a host group. */
  readonly where?: string;
  readonly error: FtaskError;
  /** What is known of it nevertheless, for `--json`. */
  readonly row?: unknown;
}

/** One item that was left out on purpose, and why. */
export interface ItemSkip {
  readonly item: string;
  readonly where?: string;
  readonly reason: string;
}

/**
 * Some items failed, the others are done: exit code 3. It carries the whole result, so nothing good
 * is lost because one failed. When not one item succeeded, pass an empty `result`: exit code 1.
 */
export class SomeFailed extends FtaskError {
  readonly result: readonly unknown[];
  readonly failures: readonly ItemFailure[];

  constructor(message: string, result: readonly unknown[], failures: readonly ItemFailure[], hint?: string) {
    super('SomeFailed', message, {hint, cause: failures[0]?.error});
    this.result = result;
    this.failures = failures;
  }
}

/** The rows of a task of which nothing failed. @throws SomeFailed with them when something did */
export function unlessFailed<Row>(rows: readonly Row[], failures: readonly ItemFailure[]): readonly Row[] {
  if (failures.length === 0) return rows;
  throw new SomeFailed(`${failures.length} failed`, rows, failures);
}

/** A guard said no to what a dry run tells of nevertheless: exit code 4, and its rows are shown. */
export class RefusedPlan extends RefusedError {
  readonly result: readonly unknown[];

  constructor({code, message, hint}: RefusedError, result: readonly unknown[]) {
    super(code, message, {hint});
    this.result = result;
  }
}

/**
 * The task ended with an exit code of its own, such as that of the one remote command it ran. It becomes ftask's
 * when the task is the only one on the command line. An empty message is not printed.
 */
export class ExitWith extends FtaskError {
  /** 0 to 255. */
  readonly exitCode: number;
  readonly result: readonly unknown[];

  constructor(exitCode: number, message: string, result: readonly unknown[] = [], hint?: string) {
    super('ExitWith', message, {hint});
    this.exitCode = exitCode;
    this.result = result;
  }
}
