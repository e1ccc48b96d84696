/** The way into a command: shut until it may read. */
import {PassThrough, type Writable} from 'node:stream';

const END_OF_INPUT = '\x04';

/** A stream that passes its data on from `open` on. */
export interface Gate {
  readonly stdin: Writable;
  /** To be called once. */
  open(): void;
}

/**
 * A gate before the input of a channel. The end of the input is passed on; a terminal has none, so there the reader is
 * told with ^D, which counts at the start of a line only and is sent twice elsewhere.
 */
export function gateTo(channel: Writable, isTerminal: boolean): Gate {
  const stdin = new PassThrough();
  // A command may end without reading; that is no failure of it.
  stdin.on('error', () => {});
  channel.on('error', () => {});
  let last = '\n';
  const note = (chunk: Buffer): void => {
    last = chunk.toString('latin1', chunk.length - 1) || last;
  };
  return {
    stdin,
    open: () => {
      if (!isTerminal) stdin.pipe(channel);
      else stdin.on('data', note).pipe(channel, {end: false});
      if (isTerminal) stdin.once('end', () => channel.write(END_OF_INPUT.repeat(last === '\n' ? 1 : 2)));
    },
  };
}
