/** What a command reads, until it does. */
import {Readable, type Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';

export interface HeldInput {
  /** Writes all of it and its end; a command that does not want it is no failure. Rejects when the input breaks. */
  feed(stdin: Writable): Promise<void>;
  /** The command does not come. */
  drop(): void;
}

/** Holds an input from the start, since a stream may break while the command is still on its way. */
export function heldInput(input: Command['stdin']): HeldInput {
  if (!(input instanceof Readable)) {
    const feed = async (stdin: Writable) => void stdin.end(input instanceof Secret ? input.reveal() : input);
    return {feed, drop: () => {}};
  }
  input.on('error', () => {});
  return {
    feed: (stdin) =>
      pipeline(input, stdin).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      }),
    drop: () => void input.destroy(),
  };
}
