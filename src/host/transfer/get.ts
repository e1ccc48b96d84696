/** Fetches a file or a folder from a host, complete or not at all. */
import {randomBytes} from 'node:crypto';
import {addAbortSignal} from 'node:stream';
import type {Transfer, TransferOptions} from '../host.ts';
import type {Carrier} from './carrier.ts';
import {type Arrived, makePlace} from './local/place.ts';
import {Meter} from './meter.ts';
import {remotePath} from './remote-path.ts';
import type {GetRequest} from './request.ts';
import {complaintOf} from './script/complaint.ts';
import {converse} from './script/conversation.ts';
import {getScript} from './script/get.ts';
import {readHeaded} from './script/headed.ts';
import {getBySftp, hasNoShell} from './sftp.ts';

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
  const from = remotePath(path).path;
  const attempt = (): GetRequest => ({path: from, target, options, meter: new Meter(options.onProgress)});
  const {place, mode, bytes, sha256} = await receive(carrier, attempt()).catch(async (error: unknown) => {
    if (!hasNoShell(error) || !carrier.sftp) throw error;
    return getBySftp(await carrier.sftp(), carrier.name, attempt());
  });
  try {
    await place.keep(mode);
  } finally {
    await place.discard();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return {host: carrier.name, path: place.path, bytes, sha256, seconds};
}

async function receive(carrier: Carrier, request: GetRequest): Promise<Arrived> {
  const {path, options, meter} = request;
  const {sudo, timeoutMs, signal} = options;
  const id = randomBytes(8).toString('hex');
  const arriving: {-readonly [Key in keyof Arrived]?: Arrived[Key]} = {};
  try {
    const ended = await converse(
      carrier,
      {script: getScript({id, path}), mark: id},
      {sudo, timeoutMs, signal, reads: true, shownAs: `get ${path}`},
      async ({stdin, stdout, result}, until) => {
        stdin.end();
        addAbortSignal(until.failed, stdout);
        const headed = await readHeaded(stdout);
        if (!headed) return;
        const [kind, , octal = ''] = headed.line.split(' ');
        arriving.mode = options.mode ?? (kind === 'file' ? Number.parseInt(octal, 8) : undefined);
        arriving.place = await makePlace(kind === 'file' ? kind : 'folder', request);
        await arriving.place.write(ending(meter.through(headed.rest), result));
        arriving.sha256 = meter.sha256();
      },
    );
    const {place, mode, sha256} = arriving;
    if (place && sha256 && ended.said.join() === `sha256 ${sha256}`)
      return {place, mode, bytes: meter.bytes, sha256};
    throw complaintOf({host: carrier.name, what: `cannot get ${path}`, path}, ended);
  } catch (error) {
    await arriving.place?.discard();
    throw error;
  }
}

/** The content, which ends only when the script has: one that was cut off throws what ended that. */
async function* ending(content: AsyncIterable<Buffer>, result: Promise<unknown>): AsyncGenerator<Buffer> {
  yield* content;
  await result;
}
