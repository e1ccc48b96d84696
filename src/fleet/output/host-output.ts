/** What is done with what hosts say while one command runs on all of them. */
import type {OutputName} from '../../host/host.ts';
import type {Outlet} from '../../runner/outlet.ts';

export interface HostOutput {
  /** Some bytes of one host, in their order; the promise holds that host back. */
  take(host: string, from: OutputName, bytes: Buffer): Promise<void>;
  /** That host says nothing more. */
  end(ended: EndedHost): Promise<void>;
  /** No host says anything more. */
  finish(): Promise<void>;
}

/** How the command ended on a host, or why it did not run to its end there. */
export interface EndedHost {
  readonly host: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
  /** What kept it from ending by itself: no connection, a time limit. */
  readonly error?: string;
}

/** Where output is shown. */
export interface Outlets {
  readonly out: Outlet;
  readonly err: Outlet;
}

/** Every output, one after the other. */
export function allOf(outputs: readonly HostOutput[]): HostOutput {
  return {
    take: async (host, from, bytes) => {
      await Promise.all(outputs.map((output) => output.take(host, from, bytes)));
    },
    end: async (ended) => {
      for (const output of outputs) await output.end(ended);
    },
    finish: async () => {
      for (const output of outputs) await output.finish();
    },
  };
}

/** The same without one output or both of them. */
export function without(hidden: 'out' | 'err' | 'both', output: HostOutput): HostOutput {
  const isHidden = (from: OutputName) => hidden === 'both' || from === `std${hidden}`;
  return {
    ...output,
    take: async (host, from, bytes) => {
      if (!isHidden(from)) await output.take(host, from, bytes);
    },
  };
}

/** How a command ended, in words; nothing when all is well. */
export function endingWords({code, signal, error}: EndedHost): string {
  if (error !== undefined) return error;
  if (signal !== null) return `ended by signal ${signal}`;
  if (code === null) return 'the server did not tell how it ended';
  return code === 0 ? '' : `exit code ${code}`;
}
