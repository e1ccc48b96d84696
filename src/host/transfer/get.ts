/** Fetches a file or a folder from a host, complete or not at all. */
import {randomBytes} from 'node:crypto';
import {stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {addAbortSignal} from 'node:stream';
import {TransferFailed} from '../failures.ts';
import type {Transfer, TransferOptions} from '../host.ts';
import type {Carrier} from './carrier.ts';
import {complaintOf} from './complaint.ts';
import {converse} from './conversation.ts';
import {getScript} from './get-script.ts';
import {readHeaded} from './headed.ts';
import {LocalFile} from './local-file.ts';
import {Meter} from './meter.ts';
import {remotePath} from './remote-path.ts';

/**
 * Fetches what is under `path` into `target`; into a folder that is there, or that ends with a slash, under its own
 * name. The transfer's path is the local one. @throws TransferFailed, UsageError, and what `Host.run` throws
 */
export async function get(
  carrier: Carrier,
  path: string,
  target: string,
  options: TransferOptions = {},
): Promise<Transfer> {
  const startedAt = performance.now();
  const id = randomBytes(8).toString('hex');
  const from = remotePath(path).path;
  const site = {host: carrier.name, what: `cannot get ${path}`, path: from};
  const meter = new Meter(options.onProgress);
  let file: LocalFile | undefined;
  let mode = options.mode;
  let sha256 = '';
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
        mode ??= Number.parseInt(octal, 8);
        if (kind !== 'file') throw new TransferFailed(`${carrier.name}: ${path} is a folder`);
        file = await LocalFile.create(await localTarget(target, from), options);
        await file.write(meter.through(headed.rest));
        sha256 = meter.sha256();
      },
    );
    if (!file || mode === undefined || sha256 === '' || ended.said.at(-1) !== `sha256 ${sha256}`)
      throw complaintOf(site, ended);
    await file.keep(mode);
    const seconds = (performance.now() - startedAt) / 1000;
    return {host: carrier.name, path: file.path, bytes: meter.bytes, sha256, seconds};
  } finally {
    await file?.discard();
  }
}

async function localTarget(target: string, from: string): Promise<string> {
  const isFolder = target.endsWith('/') || (await stat(target).catch(() => undefined))?.isDirectory();
  return resolve(isFolder ? join(target, basename(from)) : target);
}
