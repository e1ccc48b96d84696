/** What the command line asks of the world; only main.ts knows the process itself. */
import type {Readable} from 'node:stream';

/** A stream that text is written to. */
export interface Sink {
  /** Calls `done` when the data has left, or cannot leave any more. */
  write(data: string | Uint8Array, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** The operator's terminal, opened. */
export interface TerminalDevice {
  readonly input: Readable;
  write(text: string): void;
  /** Raw: no echo, and every key comes at once, Ctrl-C as any other. */
  setRaw(isRaw: boolean): void;
  close(): void;
}

export interface World {
  /** The words after `ftask`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @throws UsageError when the folder was removed */
  readonly cwd: string;
  /** Data, and nothing else. */
  readonly stdout: Sink;
  /** Talk. */
  readonly stderr: Sink;
  /** What is piped in; reading it is the first touch. */
  stdin(): Readable;
  /** Undefined where there is nobody to type. */
  openTerminal(): Promise<TerminalDevice | undefined>;
  /** Calls `listener` when the size of the terminal has changed, until the returned function is called. */
  onResize(listener: () => void): () => void;
  readonly pid: number;
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
