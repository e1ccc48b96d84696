/** What the process's exit code says. */
import {FtaskError, InterruptedError, RefusedError, UsageError} from '../errors.ts';
import {SomeFailed} from '../runner/outcome.ts';

/** Every exit code with its meaning, as `--help` prints them. */
export const EXIT_CODES = [
  [0, 'done'],
  [1, 'failed'],
  [2, 'usage or configuration'],
  [3, 'some items failed, the others are done'],
  [4, 'refused by a guard, nothing changed'],
  [70, 'a bug in ftask'],
  [129, 'interrupted by SIGHUP, cleaned up'],
  [130, 'interrupted by Ctrl-C, cleaned up'],
  [143, 'interrupted by SIGTERM, cleaned up'],
] as const;

export type ExitCode = (typeof EXIT_CODES)[number][0];

/** The exit code that an error stands for; an error that ftask does not know is a bug in it. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return 2;
  if (error instanceof RefusedError) return 4;
  if (error instanceof InterruptedError) return signalExitCode(error.interruptedBy);
  if (error instanceof SomeFailed) return error.result.length > 0 ? 3 : 1;
  return error instanceof FtaskError ? 1 : 70;
}

const FROM_BAD_TO_WORST: readonly ExitCode[] = [0, 4, 3, 1, 2, 70];

/** The exit code of several tasks: that of the one which ended worst. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  const rank = (code: ExitCode) => FROM_BAD_TO_WORST.indexOf(code);
  return codes.reduce((worst, code) => (rank(code) > rank(worst) ? code : worst), 0);
}

/** The exit code of a run that a signal ended. */
export function signalExitCode(signal: NodeJS.Signals): ExitCode {
  if (signal === 'SIGTERM') return 143;
  return signal === 'SIGHUP' ? 129 : 130;
}
