/** Writing a file over SFTP with many requests under way. */
import type {Readable} from 'node:stream';
import type {SftpSession} from '../connection/sftp-session.ts';
import {CHUNK_BYTES, CHUNKS_UNDER_WAY} from './read-file.ts';

/** Makes the file, which must not be there, writes the content, syncs it. What was written stays when it fails. */
export async function writeFile(
  session: SftpSession,
  path: string,
  mode: number,
  content: Readable,
): Promise<void> {
  const handle = await session.open(path, 'wx', mode);
  const underWay: Promise<void>[] = [];
  try {
    let position = 0;
    for await (const data of content as AsyncIterable<Buffer | string>) {
      for (const chunk of chunksOf(Buffer.from(data as Buffer))) {
        if (underWay.length >= CHUNKS_UNDER_WAY) await underWay.shift();
        const request = session.write(path, handle, position, chunk);
        request.catch(() => {});
        underWay.push(request);
        position += chunk.length;
      }
    }
    await Promise.all(underWay);
    await session.setMode(path, handle, mode);
    await session.sync(path, handle);
  } finally {
    await session.close(path, handle);
  }
}

function* chunksOf(data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; at += CHUNK_BYTES) yield data.subarray(at, at + CHUNK_BYTES);
}
