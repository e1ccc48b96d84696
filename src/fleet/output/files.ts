/** A folder with what each host said: `HOST.out`, `HOST.err` and `HOST.code`. */
import {createWriteStream, type WriteStream} from 'node:fs';
import {mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {finished} from 'node:stream/promises';
import {FtaskError} from '../../errors.ts';
import type {OutputName} from '../../host/host.ts';
import {type EndedHost, endingWords, type HostOutput} from './host-output.ts';

/**
 * Writes the outputs into `folder`, which is made when it is not there. Each file gets its name when it is complete,
 * `HOST.code` last: the exit code, or in words why there is none.
 * @throws FtaskError when a file cannot be written
 */
export async function filesIn(folder: string): Promise<HostOutput> {
  const failed = (error: unknown): never => {
    throw new FtaskError('OutdirFailed', `--outdir ${folder}: ${(error as Error).message}`, {cause: error});
  };
  await mkdir(folder, {recursive: true}).catch(failed);
  const hosts = new Map<string, Files>();
  const filesOf = (host: string): Files => {
    const files = hosts.get(host) ?? new Files(join(folder, host));
    hosts.set(host, files);
    return files;
  };
  return {
    take: (host, from, bytes) => filesOf(host).write(from, bytes).catch(failed),
    end: async (ended) => {
      await filesOf(ended.host).end(ended).catch(failed);
      hosts.delete(ended.host);
    },
    finish: async () => {},
  };
}

class Files {
  readonly #path: string;
  readonly #streams: Readonly<Record<OutputName, WriteStream>>;

  constructor(path: string) {
    this.#path = path;
    const open = (name: string): WriteStream => {
      const stream = createWriteStream(unfinished(`${path}.${name}`));
      // What goes wrong is told by the next call.
      stream.on('error', () => {});
      return stream;
    };
    this.#streams = {stdout: open('out'), stderr: open('err')};
  }

  async write(from: OutputName, bytes: Buffer): Promise<void> {
    const stream = this.#streams[from];
    if (stream.errored) throw stream.errored;
    await new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async end(ended: EndedHost): Promise<void> {
    const {stdout, stderr} = this.#streams;
    for (const stream of [stdout, stderr]) await finished(stream.end());
    const code = ended.code === null || ended.error !== undefined ? endingWords(ended) : String(ended.code);
    // The files of an earlier run must not pass for those of this one.
    await rm(`${this.#path}.code`, {force: true});
    await writeFile(unfinished(`${this.#path}.code`), `${code}\n`);
    for (const name of ['out', 'err', 'code'])
      await rename(unfinished(`${this.#path}.${name}`), `${this.#path}.${name}`);
  }
}

function unfinished(path: string): string {
  return `${path}.part`;
}
