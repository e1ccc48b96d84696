/** What the command line asks of the world; only main.ts knows the process itself. */

/** A stream that text is written to. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface World {
  /** The words after `ftask`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Data, and nothing else. */
  readonly stdout: Sink;
  /** Talk. */
  readonly stderr: Sink;
  /** Who owns the cache; undefined where the system has no such ids. */
  readonly userId: number | undefined;
  /** Calls `listener` at each SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
  /** Calls `listener` with each error that nobody caught, until the returned function is called. */
  onUncaught(listener: (error: unknown) => void): () => void;
  /** Calls `listener` when nothing is under way any more, until the returned function is called. */
  onIdle(listener: () => void): () => void;
  /** Calls `listener` with each line printed with `console`, until the returned function is called. */
  onConsole(listener: (line: string) => void): () => void;
  /** Ends the process at once, whatever is still under way. */
  exitNow(code: number): void;
  /** Makes the stack traces of bundled task files point into the sources. */
  mapStackTraces(): void;
}
