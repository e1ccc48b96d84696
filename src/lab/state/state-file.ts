/** The lab's state on disk: one JSON line a request that changed something, written before it is answered. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {FtaskError} from '../../errors.ts';
import type {Change} from './changes.ts';

/** When something was written: the lab's time and the machine's. */
export interface Moment {
  readonly lab: number;
  readonly real: number;
}

/** What a state began as. */
export interface Origin {
  /** Of the fleet. */
  readonly digest: string;
  /** With hardware: how many real MiB a GiB has. */
  readonly mibPerGib?: number | undefined;
}

export interface SavedState extends Origin {
  readonly moment: Moment;
  readonly changes: readonly Change[];
}

/** Characters written at once when the whole state is. */
const CHUNK = 1 << 20;

interface Line extends Partial<Origin> {
  readonly moment: Moment;
  readonly changes: readonly Change[];
}

/** Reads what is there; undefined when there is nothing. A torn last line is what a killed process left and is ignored. */
export function readState(folder: string): SavedState | undefined {
  const path = statePath(folder);
  if (!existsSync(path)) return undefined;
  const changes: Change[] = [];
  let origin: Origin = {digest: ''};
  let moment: Moment = {lab: 0, real: 0};
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [index, text] of lines.entries()) {
    if (text === '') continue;
    const line = parseLine(text, index === lines.length - 1, `${path}:${index + 1}`);
    if (!line) continue;
    if (line.digest !== undefined) origin = {digest: line.digest, mibPerGib: line.mibPerGib};
    moment = line.moment;
    for (const change of line.changes) changes.push(change);
  }
  return origin.digest === '' ? undefined : {...origin, moment, changes};
}

/** Removes the state. True when there was any. */
export function removeState(folder: string): boolean {
  const existed = existsSync(statePath(folder));
  rmSync(statePath(folder), {force: true});
  return existed;
}

/** Appends to the state of one folder. */
export class StateFile {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  /** Replaces the file, in one step, by the given state and opens it for appending. */
  static rewrite(folder: string, origin: Origin, moment: Moment, entities: Iterable<Change>): StateFile {
    mkdirSync(folder, {recursive: true});
    const draft = `${statePath(folder)}.new`;
    const file = openSync(draft, 'w');
    writeSync(file, `${JSON.stringify({...origin, moment, changes: []})}\n`);
    let chunk = '';
    for (const change of entities) {
      chunk += `${JSON.stringify({moment, changes: [change]})}\n`;
      if (chunk.length < CHUNK) continue;
      writeSync(file, chunk);
      chunk = '';
    }
    writeSync(file, chunk);
    renameSync(draft, statePath(folder));
    return new StateFile(file);
  }

  /** Writes one line; on return it survives the end of this process. */
  append(moment: Moment, changes: readonly Change[]): void {
    writeSync(this.#file, `${JSON.stringify({moment, changes})}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function statePath(folder: string): string {
  return join(folder, 'state.jsonl');
}

function parseLine(text: string, isLast: boolean, place: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    if (isLine(line)) return line;
    throw new Error('not a line that the lab wrote');
  } catch (cause) {
    if (isLast) return undefined;
    throw new FtaskError('LabStateBroken', `${place}: the lab's state is not readable`, {
      hint: 'run `ftask lab reset` to begin afresh',
      cause,
    });
  }
}

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  return 'moment' in value && 'changes' in value && Array.isArray(value.changes);
}
