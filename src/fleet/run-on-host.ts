/** One command on one host, its input and output passed on as they come. */
import {Readable, type Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {Command} from '../host/command.ts';
import type {Host, OutputName} from '../host/host.ts';
import type {Result} from '../host/result.ts';

export interface Job {
  readonly command: Command;
  /** A stream is read to its end, or closed when the command has ended before. */
  readonly input: Readable | Buffer | undefined;
}

export type Take = (host: string, from: OutputName, bytes: Buffer) => Promise<void>;

/**
 * Runs it to its end; `take` gets all that it says and may hold it back. What `take` throws ends it.
 * @throws what `take` and `Host.stream` throw
 */
export async function runOnHost(host: Host, {command, input}: Job, take: Take): Promise<Result> {
  const running = await host.stream(command);
  let own: {readonly error: unknown} | undefined;
  const giveUp = (error: unknown): never => {
    own ??= {error};
    running.end().catch(() => {});
    throw error;
  };
  const read = async (from: OutputName) => {
    for await (const bytes of running[from]) await take(host.name, from, bytes).catch(giveUp);
  };
  const work = [read('stdout'), read('stderr'), feed(running.stdin, input).catch(giveUp)];
  const worked = Promise.allSettled(work);
  const ended = await running.result.then(
    (result) => () => result,
    (error: unknown) => () => {
      throw error;
    },
  );
  if (input instanceof Readable) input.destroy();
  await worked;
  if (own) throw own.error;
  return ended();
}

/** A command that does not want all of it is no failure. */
async function feed(stdin: Writable, input: Job['input']): Promise<void> {
  if (!(input instanceof Readable)) {
    stdin.end(input);
    return;
  }
  await pipeline(input, stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'EPIPE') throw error;
  });
}
