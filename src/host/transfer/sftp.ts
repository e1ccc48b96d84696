/** Moving files where the server has no shell: through its file service, proved by reading everything twice. */
import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {FtaskError} from '../../errors.ts';
import {TransferFailed} from '../failures.ts';
import type {TransferOptions} from '../host.ts';
import type {FileService} from '../transport.ts';
import {type Arrived, makePlace} from './local/place.ts';
import {Meter} from './meter.ts';
import type {GetRequest, PutRequest} from './request.ts';

/** Whether the host ran no shell for the script. */
export function hasNoShell(error: unknown): boolean {
  return error instanceof FtaskError && error.code === 'NoShell';
}

/**
 * Writes a file under a temporary name, reads that back, and renames it when they agree. A link at the path is
 * replaced. Resolves to the SHA-256. @throws TransferFailed, also for what needs a shell: folders, owners, sudo
 */
export async function putBySftp(
  files: FileService,
  host: string,
  {source, path, options, meter}: PutRequest,
): Promise<string> {
  const fail = failing(`${host}: cannot put ${source.shown} as ${path}`);
  refuseWhatNeedsShell(options, fail);
  if (source.kind === 'folder') throw fail('a folder needs a shell on the host');
  if (options.owner !== undefined) throw fail('an owner needs a shell on the host');
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  if (options.parents) await makeFolders(files, folder);
  if ((await files.stat(folder))?.kind !== 'folder') throw fail(`there is no folder ${folder}`);
  const kind = (await files.stat(path))?.kind ?? 'file';
  if (kind !== 'file')
    throw fail(kind === 'folder' ? `${path} is a folder` : `${path} is a device, a pipe or a socket`);
  const temporary = `${folder}/.ftask-${randomBytes(8).toString('hex')}`;
  const signal = limitOf(options, fail);
  try {
    const content = Readable.from(until(signal, meter.through(source.read())), {objectMode: false});
    await files.write(temporary, options.mode ?? source.mode, content);
    const sha256 = meter.sha256();
    if ((await sha256Of(files, temporary, signal)) !== sha256) throw fail(DIFFERS);
    await files.rename(temporary, path);
    return sha256;
  } catch (error) {
    await files.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Reads a file twice, so that one that changes meanwhile is not taken for whole. @throws TransferFailed */
export async function getBySftp(files: FileService, host: string, request: GetRequest): Promise<Arrived> {
  const {path, options, meter} = request;
  const fail = failing(`${host}: cannot get ${path}`);
  refuseWhatNeedsShell(options, fail);
  const found = await files.stat(path);
  if (!found) throw fail(`there is no ${path}`);
  if (found.kind === 'folder') throw fail('a folder needs a shell on the host');
  const signal = limitOf(options, fail);
  const place = await makePlace('file', request);
  try {
    await place.write(until(signal, meter.through(files.read(path))));
    const sha256 = meter.sha256();
    if ((await sha256Of(files, path, signal)) !== sha256) throw fail(`${path} changed while it was read`);
    return {place, mode: options.mode ?? found.mode, bytes: meter.bytes, sha256};
  } catch (error) {
    await place.discard();
    throw error;
  }
}

const DIFFERS = 'what arrived is not what was sent; its SHA-256 differs';

type Fail = (why: string) => TransferFailed;

function failing(what: string): Fail {
  return (why) => new TransferFailed(`${what}: ${why}`);
}

function refuseWhatNeedsShell({sudo}: TransferOptions, fail: Fail): void {
  if (sudo) throw fail('sudo needs a shell on the host');
}

async function makeFolders(files: FileService, folder: string): Promise<void> {
  if (folder === '/' || folder === '.' || (await files.stat(folder))) return;
  await makeFolders(files, folder.slice(0, folder.lastIndexOf('/')) || '/');
  await files.makeFolder(folder);
}

async function sha256Of(files: FileService, path: string, signal: AbortSignal): Promise<string> {
  const meter = new Meter();
  for await (const _ of until(signal, meter.through(files.read(path))));
  return meter.sha256();
}

function limitOf({signal, timeoutMs}: TransferOptions, fail: Fail): AbortSignal {
  const limit = new AbortController();
  if (timeoutMs !== undefined) {
    const timer = setTimeout(() => limit.abort(fail(`not done after ${timeoutMs / 1000} s`)), timeoutMs);
    timer.unref();
  }
  return signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
}

/** The content, until the signal throws its reason into it. */
async function* until(signal: AbortSignal, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const data of content) {
    signal.throwIfAborted();
    yield data;
  }
}
