/** A host that is a list of answers, for tests of what uses a host. */
import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {PassThrough, Readable} from 'node:stream';
import {Secret} from '../secret.ts';
import {type Command, toCommand} from './command.ts';
import {CommandFailed, TransferFailed} from './failures.ts';
import type {Host, PutSource, RunOptions, Transfer} from './host.ts';
import type {Result} from './result.ts';

/** What a command says; text alone is its stdout, and it succeeds. */
export type Answer = string | Partial<Pick<Result, 'stdout' | 'stderr' | 'code' | 'signal'>>;

/** Whole text or pattern of a command, and its answer. */
export type ScriptedAnswer = readonly [string | RegExp, Answer | ((command: Command) => Answer)];

export interface ScriptedHost extends Host {
  /** What was run, in order, with all that was said about how. */
  readonly ran: readonly Command[];
  /** What was put, and what may be got. */
  readonly files: Map<string, Buffer>;
}

/** The first answer that fits is given; a command without one is a mistake in the test, and throws. */
export function scriptedHost(name: string, answers: readonly ScriptedAnswer[]): ScriptedHost {
  const ran: Command[] = [];
  const files = new Map<string, Buffer>();
  const play = (given: Command | readonly string[], options?: RunOptions): Played => {
    const command = toCommand(given, options);
    ran.push(command);
    return {command, result: answerTo(name, command, answers)};
  };
  return {
    name,
    ran,
    files,
    run: async (given, options) => {
      const {command, result} = play(given, options);
      for (const from of ['stdout', 'stderr'] as const) {
        for (const line of linesOf(result[from])) await options?.onLine?.(line, from);
      }
      return accepted(command, result);
    },
    stream: async (given, options) => {
      const {command, result} = play(given, options);
      const settled = Promise.resolve({...result, stdout: '', stderr: ''}).then((end) =>
        accepted(command, end),
      );
      settled.catch(() => {});
      return {
        stdin: new PassThrough().resume(),
        stdout: Readable.from([result.stdout]),
        stderr: Readable.from([result.stderr]),
        result: settled,
        end: async () => ({how: 'gone', detail: ''}),
      };
    },
    put: async (source, path) => {
      const content = await contentOf(source);
      files.set(path, content);
      return transferOf(name, path, content);
    },
    get: async (path, target) => {
      const content = files.get(path);
      if (!content) throw new TransferFailed(`${name}: no file ${path}`);
      await writeFile(target, content);
      return transferOf(name, target, content);
    },
    close: async () => {},
  };
}

interface Played {
  readonly command: Command;
  readonly result: Result;
}

function answerTo(host: string, command: Command, answers: readonly ScriptedAnswer[]): Result {
  const {text} = command;
  const found = answers.find(([wanted]) =>
    typeof wanted === 'string' ? wanted === text : wanted.test(text),
  );
  if (!found) throw new Error(`${host}: the script has no answer to: ${text}`);
  const answer = typeof found[1] === 'function' ? found[1](command) : found[1];
  const said = typeof answer === 'string' ? {stdout: answer} : answer;
  const code = said.signal ? null : 0;
  return {host, command: text, stdout: '', stderr: '', code, signal: null, seconds: 0, ...said};
}

function accepted({accept = [0]}: Command, result: Result): Result {
  if (result.code !== null && (accept === 'any' || accept.includes(result.code))) return result;
  throw new CommandFailed(result);
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

async function contentOf(source: PutSource): Promise<Buffer> {
  if (typeof source === 'string') return readFile(source);
  const {content} = source;
  return Buffer.from(content instanceof Secret ? content.reveal() : content);
}

function transferOf(host: string, path: string, content: Buffer): Transfer {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return {host, path, bytes: content.length, sha256, seconds: 0};
}
