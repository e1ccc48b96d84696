/** Giving a command what it reads. */
import {Readable, type Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';

/** Writes all of `input` and its end; a command that does not want it is no failure. Rejects when `input` fails. */
export async function feed(stdin: Writable, input: Command['stdin']): Promise<void> {
  if (!(input instanceof Readable)) {
    stdin.end(input instanceof Secret ? input.reveal() : input);
    return;
  }
  await pipeline(input, stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
