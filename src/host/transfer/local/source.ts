/** What is put: a local file, a local folder, or content from memory. */
import {type FileHandle, open, stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import {Secret} from '../../../secret.ts';
import {TransferFailed} from '../../failures.ts';
import type {PutSource} from '../../host.ts';
import {localReason} from '../reason.ts';
import {packed} from './tar.ts';

const READ_BYTES = 256 * 1024;

export interface Source {
  readonly kind: 'file' | 'folder';
  /** In errors; never the content. */
  readonly shown: string;
  /** Undefined for a folder. */
  readonly size: number | undefined;
  readonly mode: number;
  /** Undefined for content. */
  readonly name?: string;
  /** The content; of a folder, a tar stream. May be called once. @throws TransferFailed when it changes meanwhile */
  read(): AsyncIterable<Buffer>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Looks at the source before anything is sent. @throws TransferFailed when it is not there or may not be read */
export async function openSource(source: PutSource): Promise<Source> {
  return typeof source === 'string' ? openPath(source) : contentSource(source.content);
}

function contentSource(content: string | Uint8Array | Secret): Source {
  const isSecret = content instanceof Secret;
  const data = Buffer.from(isSecret ? content.reveal() : content);
  return {
    kind: 'file',
    shown: 'content',
    size: data.length,
    mode: isSecret ? 0o600 : 0o644,
    read: async function* () {
      yield data;
    },
    close: async () => {},
  };
}

async function openPath(path: string): Promise<Source> {
  const absolute = resolve(path);
  const unreadable = (error: unknown): never => {
    throw new TransferFailed(`cannot read ${path}: ${localReason(error)}`);
  };
  const found = await stat(absolute).catch(unreadable);
  // Opening a pipe or a device could wait for ever.
  if (!found.isFile() && !found.isDirectory())
    throw new TransferFailed(`cannot put ${path}: it is neither a file nor a folder`);
  const handle = await open(absolute, 'r').catch(unreadable);
  return {
    kind: found.isFile() ? 'file' : 'folder',
    shown: path,
    size: found.isFile() ? found.size : undefined,
    mode: found.mode & 0o7777,
    name: basename(absolute),
    read: () => (found.isFile() ? readUnchanged(handle, found.size, path) : packed(absolute)),
    close: () => handle.close(),
  };
}

async function* readUnchanged(handle: FileHandle, size: number, path: string): AsyncGenerator<Buffer> {
  const before = await handle.stat({bigint: true});
  let left = size;
  if (size > 0) {
    for await (const data of handle.createReadStream({
      start: 0,
      end: size - 1,
      highWaterMark: READ_BYTES,
      autoClose: false,
    })) {
      left -= data.length;
      yield data;
    }
  }
  const after = await handle.stat({bigint: true});
  if (left === 0 && after.size === before.size && after.mtimeNs === before.mtimeNs) return;
  throw new TransferFailed(`${path} changed while it was read`, {
    hint: 'put it again when nobody writes to it',
  });
}
