/** A carrier over `sh` on this machine, with a hand on what goes through it. */
import {spawn} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import type {CommandOptions} from '../../../src/host/command.ts';
import {toCommand} from '../../../src/host/command.ts';
import {CommandInterrupted} from '../../../src/host/failures.ts';
import type {Result} from '../../../src/host/result.ts';
import type {Carrier} from '../../../src/host/transfer/carrier.ts';

export interface PlainCarrierOptions {
  readonly shell?: string;
  readonly cwd?: string;
  /** Stands in front of the script's stdin. */
  readonly wrapStdin?: (stdin: Writable) => Writable;
  /** Stands behind the script's stdout. */
  readonly wrapStdout?: (stdout: Readable) => Readable;
  readonly env?: NodeJS.ProcessEnv;
  /** Told the process group of each script. */
  readonly onStart?: (pid: number) => void;
}

/** Runs scripts with `sh -c`; ends them by their process group. */
export function plainCarrier(options: PlainCarrierOptions = {}): Carrier {
  const stream: Carrier['stream'] = async (raw, commandOptions) => {
    const command = toCommand(raw, commandOptions);
    const {signal, timeoutMs} = command as CommandOptions;
    const child = spawn(options.shell ?? 'sh', ['-c', command.text], {
      detached: true,
      stdio: 'pipe',
      cwd: options.cwd,
      env: options.env ?? process.env,
    });
    const pid = child.pid ?? 0;
    options.onStart?.(pid);
    child.stdin.on('error', () => {});
    const kill = (): void => {
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        // It had ended.
      }
    };
    const stop = AbortSignal.any([
      ...(signal ? [signal] : []),
      ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]),
    ]);
    stop.addEventListener('abort', kill);
    const result = new Promise<Result>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, killedBy) => {
        const ended: Result = {
          host: 'here',
          command: command.shownAs ?? command.text,
          stdout: '',
          stderr: '',
          code,
          signal: killedBy?.slice(3) ?? null,
          seconds: 0,
        };
        if (stop.aborted) reject(new CommandInterrupted(ended, {how: 'TERM', detail: `${pid}`}));
        else resolve(ended);
      });
    });
    result.catch(() => {});
    return {
      stdin: options.wrapStdin?.(child.stdin) ?? child.stdin,
      stdout: options.wrapStdout?.(child.stdout) ?? child.stdout,
      stderr: child.stderr,
      result,
      end: async () => {
        kill();
        await result.catch(() => {});
        return {how: 'TERM', detail: `${pid}`};
      },
    };
  };
  return {
    name: 'here',
    stream,
    run: async () => {
      throw new Error('not needed here');
    },
  };
}
