/** Puts a file, a folder or content on a host, complete or not at all. */
import {randomBytes} from 'node:crypto';
import {pipeline} from 'node:stream/promises';
import type {Command} from '../command.ts';
import {CommandFailed, TransferFailed} from '../failures.ts';
import type {PutOptions, PutSource, Transfer} from '../host.ts';
import type {Carrier} from './carrier.ts';
import {openSource, type Source} from './local/source.ts';
import {ownerFlag} from './local/tar.ts';
import {Meter} from './meter.ts';
import {remoteChild, remotePath} from './remote-path.ts';
import type {PutRequest} from './request.ts';
import {complaintOf} from './script/complaint.ts';
import {converse} from './script/conversation.ts';
import {framed} from './script/frames.ts';
import {cleanUpScript, putFileScript, putFolderScript} from './script/put.ts';
import {hasNoShell, putBySftp} from './sftp.ts';

/** How long a host may take to remove what a killed transfer left. */
const CLEAN_UP_MS = 10_000;

/**
 * Puts `source` under `path`; under its own name when that ends with a slash. A link at `path` is followed; what it
 * leads to is replaced, not written into. The transfer's path is the one on the host.
 * @throws TransferFailed, UsageError, and what `Host.run` throws
 */
export async function put(
  carrier: Carrier,
  source: PutSource,
  path: string,
  options: PutOptions = {},
): Promise<Transfer> {
  const startedAt = performance.now();
  const sent = await withSource(source, path, options, (request) => send(carrier, request)).catch(
    async (error: unknown) => {
      if (!hasNoShell(error) || !carrier.sftp) throw error;
      const files = await carrier.sftp();
      return withSource(source, path, options, (request) => putBySftp(files, carrier.name, request));
    },
  );
  return {host: carrier.name, ...sent, seconds: (performance.now() - startedAt) / 1000};
}

async function withSource(
  raw: PutSource,
  rawPath: string,
  options: PutOptions,
  sendIt: (request: PutRequest) => Promise<string>,
): Promise<Pick<Transfer, 'path' | 'bytes' | 'sha256'>> {
  const source = await openSource(raw);
  try {
    const path = targetOf(source, rawPath);
    const meter = new Meter(options.onProgress);
    const sha256 = await sendIt({source, path, options, meter});
    return {path, bytes: meter.bytes, sha256};
  } finally {
    await source.close();
  }
}

function targetOf({name, shown}: Source, raw: string): string {
  const {path, isFolder} = remotePath(raw);
  if (!isFolder) return path;
  if (name !== undefined) return remoteChild(path, name);
  throw new TransferFailed(`cannot put ${shown} as ${raw}: it has no name of its own`, {
    hint: 'give the name of the file',
  });
}

async function send(carrier: Carrier, request: PutRequest): Promise<string> {
  const {source, path, options, meter} = request;
  const id = randomBytes(8).toString('hex');
  let sha256 = '';
  const lastLine = (): string => {
    sha256 = meter.sha256();
    return `${sha256} ${meter.bytes}`;
  };
  const {sudo, timeoutMs, signal} = options;
  const ended = await converse(
    carrier,
    {script: scriptFor(request, id), mark: id},
    {sudo, timeoutMs, signal, shownAs: `put ${source.shown} as ${path}`},
    async ({stdin, stdout}, until) => {
      stdout.resume();
      const frames = framed(meter.through(source.read()), {size: source.size, lastLine});
      await pipeline(frames, stdin, {signal: until.ended});
    },
  ).catch(async (error: unknown) => {
    if (error instanceof CommandFailed && !hasNoShell(error)) await cleanUp(carrier, request, id);
    throw error;
  });
  if (ended.said.join() === 'done') return sha256;
  throw complaintOf({host: carrier.name, what: `cannot put ${source.shown} as ${path}`, path}, ended);
}

function scriptFor({source, path, options}: PutRequest, id: string): Command {
  const {kind, size, mode} = source;
  const words = {id, size, path, parents: options.parents === true, owner: options.owner};
  if (kind === 'file') return putFileScript({...words, mode: options.mode ?? mode});
  const replace = options.replace === true;
  return putFolderScript({...words, mode: options.mode, replace, ownerFlag: ownerFlag()});
}

/** For a script that was killed before it could do so itself. Where the host cannot be asked, nothing more can be done. */
async function cleanUp(carrier: Carrier, {path, options}: PutRequest, id: string): Promise<void> {
  const how = {sudo: options.sudo, timeoutMs: CLEAN_UP_MS, shownAs: `remove what is left of ${path}`};
  await carrier.run(cleanUpScript({id, path}), how).catch(() => {});
}
