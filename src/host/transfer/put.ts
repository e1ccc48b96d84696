/** Puts a file, a folder or content on a host, complete or not at all. */
import {randomBytes} from 'node:crypto';
import {pipeline} from 'node:stream/promises';
import type {Command} from '../command.ts';
import {TransferFailed} from '../failures.ts';
import type {PutOptions, PutSource, Transfer} from '../host.ts';
import type {Carrier} from './carrier.ts';
import {complaintOf} from './complaint.ts';
import {converse} from './conversation.ts';
import {framed} from './frames.ts';
import {Meter} from './meter.ts';
import {putFileScript, putFolderScript} from './put-script.ts';
import {remoteChild, remotePath} from './remote-path.ts';
import {openSource, type Source} from './source.ts';
import {ownerFlag} from './tar.ts';

/**
 * Puts `source` under `path`. A link there is followed; the file that it leads to is replaced by a new one.
 * @throws TransferFailed, UsageError, and what `Host.run` throws
 */
export async function put(
  carrier: Carrier,
  source: PutSource,
  path: string,
  options: PutOptions = {},
): Promise<Transfer> {
  const startedAt = performance.now();
  const opened = await openSource(source);
  try {
    const target = targetOf(opened, path);
    const meter = new Meter(options.onProgress);
    const sha256 = await send(carrier, opened, target, {options, meter});
    const seconds = (performance.now() - startedAt) / 1000;
    return {host: carrier.name, path: target, bytes: meter.bytes, sha256, seconds};
  } finally {
    await opened.close();
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

async function send(
  carrier: Carrier,
  source: Source,
  path: string,
  {options, meter}: {options: PutOptions; meter: Meter},
): Promise<string> {
  const id = randomBytes(8).toString('hex');
  let sha256 = '';
  const lastLine = (): string => {
    sha256 = meter.sha256();
    return `${sha256} ${meter.bytes}`;
  };
  const ended = await converse(
    carrier,
    {script: scriptFor(source, path, id, options), mark: id},
    {
      sudo: options.sudo,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      shownAs: `put ${source.shown} as ${path}`,
    },
    async ({stdin, stdout}, {ended: signal}) => {
      stdout.resume();
      const frames = framed(meter.through(source.read()), {size: source.size, lastLine});
      await pipeline(frames, stdin, {signal});
    },
  );
  if (ended.said.join() === 'done') return sha256;
  throw complaintOf({host: carrier.name, what: `cannot put ${source.shown} as ${path}`, path}, ended);
}

function scriptFor({kind, size, mode}: Source, path: string, id: string, options: PutOptions): Command {
  const words = {id, size, path, parents: options.parents === true, owner: options.owner};
  if (kind === 'file') return putFileScript({...words, mode: options.mode ?? mode});
  const replace = options.replace === true;
  return putFolderScript({...words, mode: options.mode, replace, ownerFlag: ownerFlag()});
}
