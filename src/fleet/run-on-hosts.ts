/** One command on every host of a run, its output shown as the operator wants it. */
import {constants} from 'node:os';
import {addAbortSignal, type Readable} from 'node:stream';
import {FtaskError, UsageError} from '../errors.ts';
import type {Command} from '../host/command.ts';
import {CommandFailed} from '../host/failures.ts';
import {onEach} from '../host/group/on-each.ts';
import type {Host, OutputName} from '../host/host.ts';
import {ExitWith} from '../runner/outcome.ts';
import type {RunContext} from '../runner/task.ts';
import type {HostContext} from './host-context.ts';
import {chooseOutput, type OutputWish} from './output/choose.ts';
import {Kept} from './output/kept.ts';
import {type Job, runOnHost} from './run-on-host.ts';
import {failedHosts, noHosts} from './work-on-each.ts';

const TITLE_LENGTH = 60;
const MOST_INPUT_MIB = 256;

/** What became of the command on a host. */
export interface HostRun {
  readonly host: string;
  /** Null as well in a dry run, in which it did not run. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
  /** Kept for --json only, the last 16 MiB. */
  readonly stdout?: string;
  readonly stderr?: string;
}

export type RunOnHostsContext = RunContext &
  Pick<HostContext, 'hosts' | 'outcomeOnEach'> & {readonly hostOutput: OutputWish};

/**
 * Runs it and returns a row a host. All of `stdin` is sent to each host. It is ended when nobody reads its output any
 * more, unless it is kept in files.
 * @throws ExitWith with the exit code of a single host; SomeFailed with the rows of the others
 */
export async function runOnHosts(
  context: RunOnHostsContext,
  command: Command,
  stdin?: Readable,
): Promise<readonly HostRun[]> {
  const [first, second] = context.hosts;
  if (!first) throw noHosts();
  if (!second) return runOnOne(context, first, {command, input: stdin});
  return runOnMany(context, {command, input: stdin && (await wholeOf(stdin, context.signal))});
}

/** As if it ran here: nothing is told but what it says. */
async function runOnOne(context: RunOnHostsContext, host: Host, job: Job): Promise<readonly HostRun[]> {
  const runner = await hostRunner(context, job, [host.name]);
  const {signal} = context;
  const [outcome] = await onEach([host], (only) => runner.run(only), {parallel: 1, signal});
  await runner.finish();
  if (outcome?.status === 'done') return [outcome.value];
  const error = outcome?.status === 'failed' ? outcome.error : signal.reason;
  const row = runner.rows.get(host.name);
  const code = row && exitCodeOf(row);
  throw hasEndedByItself(error) && row && code !== undefined ? new ExitWith(code, '', [row]) : error;
}

async function runOnMany(context: RunOnHostsContext, job: Job): Promise<readonly HostRun[]> {
  const names = context.hosts.map(({name}) => name);
  const runner = await hostRunner(context, job, names);
  const {command} = job;
  const title = titleOf(command.shownAs ?? command.text);
  const outcomes = await context.outcomeOnEach((host, say) => runner.run(host, say), {title});
  await runner.finish();
  const done = outcomes.flatMap((outcome) => (outcome.status === 'done' ? [outcome.value] : []));
  if (done.length === outcomes.length) return done;
  throw failedHosts(outcomes, done, (host) => runner.rows.get(host));
}

/** Each of several hosts gets it at its own pace, so that it is held in memory. */
async function wholeOf(stdin: Readable, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of addAbortSignal(signal, stdin)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MOST_INPUT_MIB * 2 ** 20) {
      throw new UsageError('TooMuchInput', `several hosts get at most ${MOST_INPUT_MIB} MiB of stdin`, {
        hint: 'put it on them as a file first: ftask put',
      });
    }
  }
  return Buffer.concat(pieces);
}

interface HostRunner {
  /** Of every host on which the command was tried. */
  readonly rows: ReadonlyMap<string, HostRun>;
  /** @throws CommandFailed when the command fails, and what `Host.stream` throws */
  run(host: Host, say?: (text: string) => void): Promise<HostRun>;
  finish(): Promise<void>;
}

async function hostRunner(
  context: RunOnHostsContext,
  {command, input}: Job,
  names: readonly string[],
): Promise<HostRunner> {
  const wanted = command.with({accept: 'any'});
  const rows = new Map<string, HostRun>();
  const says = new Map<string, (text: string) => void>();
  const onLine = (host: string, line: string) => says.get(host)?.(line);
  const output = await chooseOutput(context, names, onLine);
  const kept = context.hostOutput.isJson ? new Kept() : undefined;
  const isForReader = context.hostOutput.folder === undefined;
  const take = async (host: string, from: OutputName, bytes: Buffer) => {
    kept?.add(host, from, bytes);
    await output.take(host, from, bytes);
    if (isForReader && context.out.isClosed) throw unread(host);
  };
  const end = async (host: string, ending: Omit<HostRun, 'host'>, error?: string): Promise<HostRun> => {
    const row = {host, ...ending, ...kept?.take(host)};
    rows.set(host, row);
    await output.end({...row, ...(error !== undefined && {error})});
    return row;
  };
  const run: HostRunner['run'] = async (host, say) => {
    const {name} = host;
    const startedAt = performance.now();
    if (say) says.set(name, say);
    try {
      const result = await runOnHost(host, {command: wanted, input}, take);
      const {code, signal, seconds} = result;
      const row = await end(name, {code, signal, seconds});
      if (code !== 0) throw new CommandFailed(result);
      return row;
    } catch (error) {
      if (rows.has(name)) throw error;
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      const {code, signal} = error instanceof CommandFailed ? error.result : {code: null, signal: null};
      await end(name, {code, signal, seconds}, hasEndedByItself(error) ? undefined : messageOf(error));
      throw error;
    }
  };
  const isUnread = context.dryRun && !command.reads;
  return isUnread
    ? {rows, run: (host) => describe(host, wanted), finish: async () => {}}
    : {rows, run, finish: () => output.finish()};
}

async function describe(host: Host, command: Command): Promise<HostRun> {
  await host.run(command);
  return {host: host.name, code: null, signal: null, seconds: 0};
}

function unread(host: string): FtaskError {
  return new FtaskError('Unread', `${host}: ended, since nobody reads its output any more`);
}

function titleOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH)}...` : line;
}

/** Neither a time limit nor Ctrl-C ended it, and it was begun. */
function hasEndedByItself(error: unknown): boolean {
  return error instanceof CommandFailed && error.code === 'CommandFailed';
}

/** As a shell gives it: 128 and the number of the signal. */
function exitCodeOf({code, signal}: HostRun): number | undefined {
  if (code !== null) return code;
  const number =
    signal === null ? undefined : Object.entries(constants.signals).find(([name]) => name === `SIG${signal}`);
  return number && 128 + number[1];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
