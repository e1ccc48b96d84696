/** A stream that begins with a line about the rest of it. */
import type {Readable} from 'node:stream';

const NEWLINE = 0x0a;

export interface Headed {
  readonly line: string;
  readonly rest: AsyncIterable<Buffer>;
}

/** Reads the first line; undefined when the stream ends before one is complete. */
export async function readHeaded(stream: Readable): Promise<Headed | undefined> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    head = Buffer.concat([head, next.value]);
    const end = head.indexOf(NEWLINE);
    if (end >= 0) return {line: head.toString('utf8', 0, end), rest: rest(head.subarray(end + 1), chunks)};
  }
  return undefined;
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}
