/** What can go wrong with a host, one class a case. */
import {FtaskError, type FtaskErrorOptions} from '../errors.ts';
import type {Ending, Result} from './result.ts';

const SHOWN_LINES = 10;
const SHOWN_CHARACTERS = 200;

/** The host could not be reached: no such name, refused, no answer in time, a gateway that failed. */
export class HostUnreachable extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('HostUnreachable', message, options);
  }
}

/** The host's key is not the known one, is revoked, or is not known at all; nothing was sent to it. */
export class HostKeyRejected extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('HostKeyRejected', message, options);
  }
}

/** The host let nobody in with the keys and passwords that there are. */
export class AuthenticationFailed extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('AuthenticationFailed', message, options);
  }
}

/** The connection died while something was under way; what ran on the host may still run. */
export class ConnectionLost extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('ConnectionLost', message, options);
  }
}

/** sudo did not let the user through: wrong password, none given, not allowed. The command did not run. */
export class SudoRefused extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('SudoRefused', message, options);
  }
}

/** A file or folder did not arrive; nothing is under its final name that was not there before. */
export class TransferFailed extends FtaskError {
  constructor(message: string, options?: FtaskErrorOptions) {
    super('TransferFailed', message, options);
  }
}

/**
 * A command ended in a way that was not accepted, or could not run: `code` is then `NoFolder`, or `NoShell` on a
 * server that runs no commands. Carries the whole result, secrets masked; the message shows its last lines.
 */
export class CommandFailed extends FtaskError {
  readonly result: Result;

  constructor(result: Result, {code = 'CommandFailed', what = reason(result), hint}: CommandFailure = {}) {
    super(code, `${result.host}: ${inOneLine(result.command)}: ${what}${lastLines(result)}`, {hint});
    this.result = result;
  }
}

/** The time limit was over; the command was ended as `ending` says. */
export class CommandTimedOut extends CommandFailed {
  readonly ending: Ending;

  constructor(result: Result, limitMs: number, ending: Ending) {
    const what = `not done after ${limitMs / 1000} s; ${endingText(ending)}`;
    super(result, {code: 'CommandTimedOut', what, hint: 'a longer limit: --timeout, or timeoutMs in a task'});
    this.ending = ending;
  }
}

/** Ctrl-C or another abort; the command was ended as `ending` says. */
export class CommandInterrupted extends CommandFailed {
  readonly ending: Ending;

  constructor(result: Result, ending: Ending) {
    super(result, {code: 'CommandInterrupted', what: `interrupted; ${endingText(ending)}`});
    this.ending = ending;
  }
}

/** What an ending means, in words. */
function endingText({how, detail}: Ending): string {
  if (how === 'gone') return `it had ended by itself${detail && ` (${detail})`}`;
  if (how === 'unknown') return `it may still run there: ${detail}`;
  return `ended by ${how} on the host (${detail})`;
}

interface CommandFailure {
  readonly code?: string;
  readonly what?: string;
  readonly hint?: string;
}

function inOneLine(command: string): string {
  const line = command.trim().split('\n').join('; ').replaceAll(/\s+/g, ' ');
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}...`;
}

function reason({code, signal}: Result): string {
  if (signal !== null) return `ended by signal ${signal}`;
  return code === null ? 'the server did not tell how it ended' : `exit code ${code}`;
}

function lastLines({stdout, stderr}: Result): string {
  const lines = [stdout, stderr].flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''));
  return lines
    .slice(-SHOWN_LINES)
    .map((line) => `\n  ${line}`)
    .join('');
}
