/** One command on its way: who runs it, what is secret about it, and how its end is told. */
import {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';
import {CommandFailed, CommandInterrupted, CommandTimedOut} from '../failures.ts';
import type {Ending, Result} from '../result.ts';
import type {Exit, Transport} from '../transport.ts';
import {secretsOf} from './command-line.ts';
import {endOnHost} from './ending.ts';
import {NotStarted} from './handshake.ts';
import type {HostSettings} from './host-settings.ts';
import {type Launch, type Launched, launch} from './launch.ts';
import {type Mask, maskOf} from './mask.ts';
import {type Outcome, supervise} from './supervise.ts';

const GRACE_MS = 5000;
const UNTOLD: Exit = {code: null, signal: null};
const SILENCE = {stdout: '', stderr: ''};

/** Where commands run. */
export interface Place {
  readonly name: string;
  readonly transport: Transport;
  readonly settings: HostSettings;
}

type ToResult = (exit: Exit, said: Pick<Result, 'stdout' | 'stderr'>) => Result;

/** What a command said, as far as it was kept; with secrets hidden when it is for an error. */
export type Said = (mask?: Mask) => Promise<Pick<Result, 'stdout' | 'stderr'>>;

export interface Execution {
  readonly launched: Launched;
  readonly mask: Mask;
  /** The result, or the error that says why there is none. `said` is asked once the command has ended. */
  finish(said: Said): Promise<Result>;
  end(): Promise<Ending>;
}

/**
 * Starts a command; the run's own environment lies below its own.
 * @throws CommandInterrupted when the run is over already, and what `launch` throws
 */
export async function execute(place: Place, given: Command): Promise<Execution> {
  const {name, transport, settings} = place;
  const command = given.with({env: {...settings.env, ...given.env}});
  const sudoPassword = command.sudo ? await settings.sudoPassword?.() : undefined;
  const mask = maskOf(secretTexts(command, sudoPassword));
  const text = mask(command.shownAs ?? command.text);
  const signals = [...(command.undoes ? [] : [settings.signal]), ...(command.signal ? [command.signal] : [])];
  const startedAt = performance.now();
  const result: ToResult = (exit, said) => {
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    return {host: name, command: text, ...said, ...exit, seconds};
  };
  const request: Launch = {host: name, command, sudoPassword, signal: AbortSignal.any(signals)};
  const launched = await launch(transport, request).catch((error: unknown) => {
    if (signals.every((signal) => !signal.aborted)) throw error;
    throw new CommandInterrupted(result(UNTOLD, SILENCE), {how: 'gone', detail: 'it was not started'});
  });
  settings.onEvent?.({kind: 'started', host: name, command: text});
  const limitMs = command.timeoutMs ?? settings.timeoutMs;
  const {outcome, end} = supervise(launched, {
    limitMs,
    signals,
    end: () => endOnHost(transport, launched, request, settings.graceMs ?? GRACE_MS),
  });
  const finish = async (said: Said): Promise<Result> => {
    const heard = await outcome.catch(async (error: unknown) => {
      if (!(error instanceof NotStarted)) throw error;
      throw notStarted(error.why, command, result(error.exit, await said(mask)));
    });
    if (heard.endedFor === undefined && isAccepted(heard.exit, command))
      return result(heard.exit, await said());
    throw failure(heard, result(heard.exit, await said(mask)), limitMs);
  };
  const tell = (how: string): void =>
    settings.onEvent?.({
      kind: 'ended',
      host: name,
      command: text,
      seconds: result(UNTOLD, SILENCE).seconds,
      how,
    });
  outcome.then(
    ({exit}) => tell(exitText(exit)),
    (error: unknown) => tell(error instanceof Error ? mask(error.message) : String(error)),
  );
  return {launched, mask, end, finish};
}

function secretTexts({env, stdin}: Command, password: Secret | undefined): string[] {
  const others = [stdin, password].flatMap((value) => (value instanceof Secret ? [value.reveal()] : []));
  return [...secretsOf(env).map(([, value]) => value), ...others];
}

function isAccepted({code}: Exit, {accept = [0]}: Command): boolean {
  return code !== null && (accept === 'any' || accept.includes(code));
}

function notStarted(why: NotStarted['why'], {cwd}: Command, result: Result): CommandFailed {
  if (why === 'NoFolder')
    return new CommandFailed(result, {
      code: 'NoFolder',
      what: `not run: no folder ${cwd}, or it may not be entered`,
    });
  return new CommandFailed(result, {
    code: 'NoShell',
    what: 'the host ran no shell for it, only what its server is made for',
    hint: 'the login shell of the user must be a shell, without a forced command',
  });
}

function failure(outcome: Outcome, result: Result, limitMs: number): CommandFailed {
  if (outcome.endedFor === undefined) return new CommandFailed(result);
  if (outcome.endedFor === 'limit') return new CommandTimedOut(result, limitMs, outcome.ending);
  return new CommandInterrupted(result, outcome.ending);
}

function exitText({code, signal}: Exit): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? 'ended' : `exit code ${code}`;
}
