/** Errors in the user's own task file, shown where they are. */
import {relative} from 'node:path';
import {FtaskError, type FtaskErrorOptions, UsageError} from '../../errors.ts';
import {codeFrame, stackPlaces} from './frame.ts';

interface Framed extends FtaskErrorOptions {
  readonly frame?: string;
}

/** The task file cannot be loaded. */
export class TaskFileError extends UsageError {
  /** The lines around the mistake, for a terminal. */
  readonly frame: string | undefined;

  constructor(message: string, {frame, ...options}: Framed = {}) {
    super('TaskFile', message, options);
    this.frame = frame;
  }
}

/** A task of the user's own broke: the mistake is in the task file, not in ftask. */
class TaskCodeError extends FtaskError {
  readonly frame: string | undefined;

  constructor(message: string, {frame, ...options}: Framed = {}) {
    super('TaskCode', message, options);
    this.frame = frame;
  }
}

export interface OwnCode {
  /** The task file and what it imports from its own project. */
  readonly files: ReadonlySet<string>;
  /** Where ftask is installed. */
  readonly root: string;
  readonly cwd: string;
}

/** An error at import becomes one that says where in the user's files it was thrown. */
export function importError(error: unknown, code: OwnCode, path: string): TaskFileError {
  const {message, frame} = locate(error, code);
  return new TaskFileError(frame ? message : `${relative(code.cwd, path)}: ${message}`, {
    frame,
    cause: error,
  });
}

/** An unexpected error is the user's own if it was thrown by their code; any other is left as it is. */
export function ownError(error: unknown, code: OwnCode): unknown {
  if (error instanceof FtaskError || code.files.size === 0) return error;
  const places = stackPlaces(error);
  const own = places.findIndex(({file}) => code.files.has(file));
  const ours = places.findIndex(({file}) => file.startsWith(`${code.root}/`) && !code.files.has(file));
  const isOwn = own < 0 ? ours < 0 : ours < 0 || own < ours;
  if (!isOwn) return error;
  const {message, frame} = locate(error, code);
  return new TaskCodeError(message, {frame, cause: error});
}

function locate(error: unknown, {files, cwd}: OwnCode): {message: string; frame: string | undefined} {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const place = stackPlaces(error).find(({file}) => files.has(file));
  if (!place) return {message: text, frame: undefined};
  const shown = relative(cwd, place.file);
  return {message: `${shown}:${place.line}:${place.column}: ${text}`, frame: codeFrame(place)};
}
