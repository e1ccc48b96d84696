/** The errors that ftask expects: each says what, where and what to do next. */

export interface FtaskErrorOptions {
  /** What the user can do about it, one line. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The root of every expected failure. The message is one line for people; `code` is stable, for
 * scripts and `--json`. Anything thrown that is not an FtaskError is a bug in ftask.
 */
export class FtaskError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, {hint, cause}: FtaskErrorOptions = {}) {
    super(message, cause === undefined ? undefined : {cause});
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** Wrong options or configuration; nothing was touched. */
export class UsageError extends FtaskError {}

/** A guard said no; nothing was changed. */
export class RefusedError extends FtaskError {}

/** The operator pressed Ctrl-C or the process got SIGTERM; what was half done has been undone. */
export class InterruptedError extends FtaskError {
  readonly interruptedBy: NodeJS.Signals;

  constructor(interruptedBy: NodeJS.Signals) {
    super('Interrupted', `interrupted by ${interruptedBy}`);
    this.interruptedBy = interruptedBy;
  }
}
