/** A host on top of a transport: any machine whose login shell can be reached. */
import {type Command, type CommandOptions, toCommand} from '../command.ts';
import type {Host, OutputName, Running, RunOptions} from '../host.ts';
import type {Result} from '../result.ts';
import {get} from '../transfer/get.ts';
import {put} from '../transfer/put.ts';
import type {Transport} from '../transport.ts';
import {Capture} from './capture.ts';
import {execute, type Place} from './execution.ts';
import type {HostSettings} from './host-settings.ts';
import {heldInput} from './input.ts';

const KEEP_BYTES = 16 * 1024 * 1024;

/** The host behind `transport`; the caller closes it. */
export function shellHost(name: string, transport: Transport, settings: HostSettings): Host {
  const place: Place = {name, transport, settings};
  const host = {
    name,
    run: async (command: Command | readonly string[], options: RunOptions = {}) =>
      run(place, toCommand(command, options), options),
    stream: async (command: Command | readonly string[], options: CommandOptions = {}) =>
      stream(place, toCommand(command, options)),
    close: () => transport.close(),
  };
  const carrier = {...host, ...(transport.sftp && {sftp: transport.sftp.bind(transport)})};
  return {
    ...host,
    put: (source, path, options) => put(carrier, source, path, options),
    get: (path, target, options) => get(carrier, path, target, options),
  };
}

async function run(place: Place, command: Command, options: RunOptions): Promise<Result> {
  const input = heldInput(command.stdin);
  const {launched, mask, finish, end} = await execute(place, command).catch((error: unknown) => {
    input.drop();
    throw error;
  });
  const {keepBytes = KEEP_BYTES, onLine} = options;
  let broken: {readonly error: unknown} | undefined;
  const giveUp = (error: unknown): void => {
    broken ??= {error};
    end();
  };
  const captureOf = (from: OutputName): Capture =>
    new Capture({keepBytes, mask, giveUp, onLine: onLine && ((line) => onLine(line, from))});
  const [stdout, stderr] = [captureOf('stdout'), captureOf('stderr')];
  input.feed(launched.stdin).catch(giveUp);
  const reading = Promise.all([stdout.read(launched.stdout), stderr.read(launched.stderr)]);
  try {
    const result = await finish(async (change) => {
      await reading;
      return {stdout: stdout.text(change), stderr: stderr.text(change)};
    });
    if (!broken) return result;
  } catch (error) {
    broken ??= {error};
  }
  throw broken.error;
}

async function stream(place: Place, command: Command): Promise<Running> {
  const {launched, finish, end} = await execute(place, command);
  const {stdin, stdout, stderr} = launched;
  const result = finish(async () => ({stdout: '', stderr: ''}));
  result.catch(() => {});
  return {stdin, stdout, stderr, result, end};
}
