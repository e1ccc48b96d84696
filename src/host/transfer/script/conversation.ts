/** A script on a host while we exchange data with it: what it says, what else is said, and how it ends. */
import type {Command, CommandOptions} from '../../command.ts';
import {CommandInterrupted} from '../../failures.ts';
import type {Running} from '../../host.ts';
import type {Result} from '../../result.ts';
import type {Carrier} from '../carrier.ts';

const KEPT_NOISE = 4096;

export interface Ended {
  /** What the script said, one entry a line, without its mark. */
  readonly said: readonly string[];
  /** The last of what other programs said on stderr. */
  readonly noise: string;
  /** Undefined when the exchange failed. */
  readonly result?: Result;
  /** What went wrong on this side; the script was ended for it. */
  readonly failure?: {readonly error: unknown};
}

/** The work on the streams of a script. */
export type Exchange = (running: Running, until: Until) => Promise<void>;

/** What stops an exchange. */
export interface Until {
  /** The script reads nothing any more, or should not; what it wrote may still be on its way. */
  readonly ended: AbortSignal;
  /** Nobody knows how the script ended, or it has to be ended. */
  readonly failed: AbortSignal;
}

/** Runs a script whose lines on stderr begin with `mark`. Throws what `Host.stream` and `Running.result` do. */
export async function converse(
  carrier: Carrier,
  {script, mark}: {script: Command; mark: string},
  options: CommandOptions,
  exchange: Exchange,
): Promise<Ended> {
  const running = await carrier.stream(script, {...options, accept: 'any'});
  const ended = new AbortController();
  const failed = new AbortController();
  void running.result.catch(() => failed.abort()).finally(() => ended.abort());
  const {signal = failed.signal} = options;
  const until = {
    ended: AbortSignal.any([signal, ended.signal]),
    failed: AbortSignal.any([signal, failed.signal]),
  };
  const heard = listen(running, mark);
  try {
    await exchange(running, until);
  } catch (error) {
    if (!isStopped(error)) {
      await running.end();
      return {...(await heard), failure: {error}};
    }
    // The host ends the script for it, unless that was done already.
    if (signal.aborted) throw new CommandInterrupted(await running.result, {how: 'gone', detail: ''});
  }
  const result = await running.result;
  return {...(await heard), result};
}

async function listen({stderr}: Running, mark: string): Promise<Pick<Ended, 'said' | 'noise'>> {
  const said: string[] = [];
  let noise = '';
  let rest = '';
  const hear = (line: string): void => {
    if (line.startsWith(`${mark} `)) said.push(line.slice(mark.length + 1));
    else noise = `${noise}${line}\n`.slice(-KEPT_NOISE);
  };
  stderr.setEncoding('utf8');
  try {
    for await (const text of stderr) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(hear);
    }
  } catch {
    // How the script ended tells more than its stderr being cut.
  }
  return {said, noise: (noise + rest).trim()};
}

/** The other side, or the end of the script, stopped the exchange; how the script ended tells why. */
function isStopped(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && BROKEN.has(String(error.code)));
}

const BROKEN = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);
