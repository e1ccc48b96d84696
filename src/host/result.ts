/** What became of a command, and how one was brought to its end. */

/** How a command ended, with all that it said: as it came when it went well, with secrets masked in an error. */
export interface Result {
  readonly host: string;
  /** As people read it: never with a secret. */
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it, or when the server did not say. */
  readonly code: number | null;
  /** `TERM`, `KILL`, ...; null when it ended by itself. */
  readonly signal: string | null;
  readonly seconds: number;
}

/** How a command that had to end was ended. */
export interface Ending {
  /**
   * `TERM`: it ended when asked to; `KILL`: it had to be forced; `gone`: it had ended by itself;
   * `unknown`: the host could not be asked, so it may still run.
   */
  readonly how: 'TERM' | 'KILL' | 'gone' | 'unknown';
  /** Process groups on the host that were ended, or why that is not known. */
  readonly detail: string;
}
