/** Reading a file over SFTP with many requests under way: one at a time would wait for the network each time. */
import {Readable} from 'node:stream';
import type {SftpSession} from '../connection/sftp-session.ts';

/** What every server takes in one request, and how many are under way: 2 MiB, as much as a channel's window. */
export const CHUNK_BYTES = 32 * 1024;
export const CHUNKS_UNDER_WAY = 64;

/** The content of a file, from its start to its end. */
export function readFile(open: () => Promise<SftpSession>, path: string): Readable {
  return Readable.from(chunksOf(open, path), {objectMode: false, highWaterMark: CHUNK_BYTES});
}

async function* chunksOf(open: () => Promise<SftpSession>, path: string): AsyncGenerator<Buffer> {
  const session = await open();
  const handle = await session.open(path, 'r');
  try {
    const size = (await session.stat(path))?.size ?? 0;
    let asked = 0;
    let position = 0;
    const underWay: Promise<Buffer>[] = [];
    for (;;) {
      // Past the size that was told, one request finds the true end: of a file that grows, or of one in /proc.
      while (underWay.length < CHUNKS_UNDER_WAY && (asked < size || underWay.length === 0)) {
        const request = session.read(path, handle, asked, CHUNK_BYTES);
        request.catch(() => {});
        underWay.push(request);
        asked += CHUNK_BYTES;
      }
      const chunk = (await underWay.shift()) ?? Buffer.alloc(0);
      if (chunk.length === 0) return;
      position += chunk.length;
      yield chunk;
      if (chunk.length === CHUNK_BYTES) continue;
      // A short answer: what was asked for behind it would leave a gap.
      await Promise.allSettled(underWay.splice(0));
      asked = position;
    }
  } finally {
    await session.close(path, handle).catch(() => {});
  }
}
