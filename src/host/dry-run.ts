/** A host on which nothing is changed: what would change it is told instead. */
import {createHash} from 'node:crypto';
import {Readable, Writable} from 'node:stream';
import {type Command, toCommand} from './command.ts';
import type {Host, PutSource, Transfer} from './host.ts';
import type {Result} from './result.ts';

const EMPTY_SHA256 = createHash('sha256').digest('hex');

/**
 * Commands that say `reads` run on `host`; for every other, and for put and get, `describe` is called with a line such
 * as `web1: would run: reboot`, and the answer is a success with nothing in it. Closing closes `host`.
 */
export function dryRunHost(host: Host, describe: (line: string) => void): Host {
  const {name} = host;
  const skip = (command: Command): Result => {
    const text = command.shownAs ?? command.text;
    describe(`${name}: would run${whom(command.sudo)}: ${text}`);
    return {host: name, command: text, stdout: '', stderr: '', code: 0, signal: null, seconds: 0};
  };
  const skipTransfer = (what: string, path: string): Transfer => {
    describe(`${name}: would ${what}`);
    return {host: name, path, bytes: 0, sha256: EMPTY_SHA256, seconds: 0};
  };
  return {
    name,
    run: async (command, options) => {
      const wanted = toCommand(command, options);
      return wanted.reads ? host.run(command, options) : skip(wanted);
    },
    stream: async (command, options) => {
      const wanted = toCommand(command, options);
      if (wanted.reads) return host.stream(command, options);
      const result = Promise.resolve(skip(wanted));
      const end = async () => ({how: 'gone', detail: ''}) as const;
      return {stdin: sink(), stdout: Readable.from([]), stderr: Readable.from([]), result, end};
    },
    put: async (source, path, {sudo} = {}) =>
      skipTransfer(`put ${sourceText(source)} as ${path}${whom(sudo)}`, path),
    get: async (path, target, {sudo} = {}) => skipTransfer(`get ${path} into ${target}${whom(sudo)}`, target),
    close: () => host.close(),
  };
}

function whom(sudo: boolean | string | undefined): string {
  if (!sudo) return '';
  return ` as ${sudo === true ? 'root' : sudo}`;
}

function sourceText(source: PutSource): string {
  return typeof source === 'string' ? source : 'content';
}

function sink(): Writable {
  return new Writable({write: (_chunk, _encoding, done) => done()});
}
