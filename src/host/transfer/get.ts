/** Fetches a file or a folder from a host, complete or not at all. */
import {randomBytes} from 'node:crypto';
import {stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {addAbortSignal} from 'node:stream';
import type {Transfer, TransferOptions} from '../host.ts';
import type {Carrier} from './carrier.ts';
import {complaintOf} from './complaint.ts';
import {converse} from './conversation.ts';
import {getScript} from './get-script.ts';
import {readHeaded} from './headed.ts';
import {LocalFile} from './local-file.ts';
import {LocalFolder} from './local-folder.ts';
import {Meter} from './meter.ts';
import {remotePath} from './remote-path.ts';

/**
 * Fetches what is under `path` into `target`; a file into a folder that is there, and anything into one that is named
 * with a slash at its end, under its own name. The transfer's path is the local one.
 * @throws TransferFailed, UsageError, and what `Host.run` throws
 */
export async function get(
  carrier: Carrier,
  path: string,
  target: string,
  options: TransferOptions = {},
): Promise<Transfer> {
  const startedAt = performance.now();
  const meter = new Meter(options.onProgress);
  const {place, mode, sha256} = await receive(carrier, {path, target, options, meter});
  try {
    await place.keep(mode);
  } finally {
    await place.discard();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return {host: carrier.name, path: place.path, bytes: meter.bytes, sha256, seconds};
}

interface Request {
  readonly path: string;
  readonly target: string;
  readonly options: TransferOptions;
  readonly meter: Meter;
}

/** What arrived under a temporary name. */
interface Arrived {
  readonly place: LocalFile | LocalFolder;
  /** Undefined: a folder has the mode that it came with. */
  readonly mode: number | undefined;
  readonly sha256: string;
}

async function receive(carrier: Carrier, request: Request): Promise<Arrived> {
  const {path, options, meter} = request;
  const id = randomBytes(8).toString('hex');
  const from = remotePath(path).path;
  const arriving: Partial<Writeable<Arrived>> = {};
  try {
    const ended = await converse(
      carrier,
      {script: getScript({id, path: from}), mark: id},
      {
        sudo: options.sudo,
        timeoutMs: options.timeoutMs,
        signal: options.signal,
        reads: true,
        shownAs: `get ${path}`,
      },
      async ({stdin, stdout}, {failed}) => {
        stdin.end();
        addAbortSignal(failed, stdout);
        const headed = await readHeaded(stdout);
        if (!headed) return;
        const [kind, , octal = ''] = headed.line.split(' ');
        arriving.mode = options.mode ?? (kind === 'file' ? Number.parseInt(octal, 8) : undefined);
        arriving.place = await placeFor(kind === 'folder', from, request);
        await arriving.place.write(meter.through(headed.rest));
        arriving.sha256 = meter.sha256();
      },
    );
    const {place, mode, sha256} = arriving;
    if (place && sha256 && ended.said.join() === `sha256 ${sha256}`) return {place, mode, sha256};
    throw complaintOf({host: carrier.name, what: `cannot get ${path}`, path: from}, ended);
  } catch (error) {
    await arriving.place?.discard();
    throw error;
  }
}

type Writeable<Value> = {-readonly [Key in keyof Value]: Value[Key]};

async function placeFor(
  isFolder: boolean,
  from: string,
  {target, options}: Request,
): Promise<LocalFile | LocalFolder> {
  const named = join(target, basename(from));
  if (isFolder) return LocalFolder.create(resolve(target.endsWith('/') ? named : target), options);
  const isInFolder = target.endsWith('/') || (await stat(target).catch(() => undefined))?.isDirectory();
  return LocalFile.create(resolve(isInFolder ? named : target), options);
}
