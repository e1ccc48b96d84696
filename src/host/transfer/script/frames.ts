/** How content travels to a host: in frames, so that its end and its checksum can follow it on the same stream. */

/** Content of unknown size is cut into frames of about as many bytes. */
const FRAME_BYTES = 4 * 1024 * 1024;

export interface FrameOptions {
  /** Bytes in all, where they are known; as many must come. */
  readonly size?: number | undefined;
  /** The last line, made when all content is sent. */
  readonly lastLine: () => string;
}

/** A frame is a line with its bytes, and these. Behind the last stand a line `0` and the last line. */
export async function* framed(
  content: AsyncIterable<Buffer>,
  {size, lastLine}: FrameOptions,
): AsyncGenerator<Buffer> {
  yield* size === undefined ? cut(content) : whole(content, size);
  yield Buffer.from(`0\n${lastLine()}\n`);
}

async function* whole(content: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  if (size > 0) yield Buffer.from(`${size}\n`);
  yield* content;
}

async function* cut(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const data of content) {
    held.push(data);
    bytes += data.length;
    if (bytes < FRAME_BYTES) continue;
    yield* frame(held, bytes);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield* frame(held, bytes);
}

function frame(held: readonly Buffer[], bytes: number): Buffer[] {
  return [Buffer.from(`${bytes}\n`), ...held];
}
