/** Folders as tar streams, made and unpacked by this machine's own tar. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Writable} from 'node:stream';
import {TransferFailed} from '../../failures.ts';
import {saidReason} from '../reason.ts';

/** What tar calls them is the same in every language then, and macOS adds no files of its own. */
const ENVIRONMENT = {LC_ALL: 'C', COPYFILE_DISABLE: '1'};

/** Owners keep their numbers when root is at work on both sides; else all belongs to who unpacks it. */
export function ownerFlag(isRoot = process.geteuid?.() === 0): string {
  return isRoot ? '--numeric-owner' : '-o';
}

/** What is in `folder`, as a tar stream. @throws TransferFailed when something in it cannot be read or changed meanwhile */
export async function* packed(folder: string): AsyncGenerator<Buffer> {
  const tar = startTar(['-C', folder, '-cf', '-', '.'], `cannot read ${folder}`);
  tar.stdin.end();
  try {
    yield* tar.stdout as AsyncIterable<Buffer>;
    await tar.done;
  } finally {
    tar.kill();
  }
}

/** Unpacks a tar stream into `folder`, and reads it to its end. @throws TransferFailed that begins with `what` when tar fails */
export async function unpack(content: AsyncIterable<Buffer>, folder: string, what: string): Promise<void> {
  const tar = startTar(['-C', folder, ownerFlag(), '-xpf', '-'], what);
  tar.stdout.resume();
  try {
    for await (const data of content) {
      tar.throwIfFailed();
      // tar may be done before the padding at the end has come.
      if (tar.stdin.writable && !tar.stdin.write(data)) await drained(tar.stdin);
    }
    tar.stdin.end();
    await tar.done;
  } finally {
    tar.kill();
  }
}

async function drained(stream: Writable): Promise<void> {
  const over = new AbortController();
  const {signal} = over;
  await Promise.race([once(stream, 'drain', {signal}), once(stream, 'close', {signal})]).catch(() => {});
  over.abort();
}

function startTar(words: readonly string[], what: string) {
  const tar = spawn('tar', words, {env: {...process.env, ...ENVIRONMENT}, stdio: 'pipe'});
  let said = '';
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, 4096);
  });
  tar.stdin.on('error', () => {});
  const done = new Promise<void>((resolve, reject) => {
    tar.on('error', () => reject(new TransferFailed(`${what}: this machine has no tar`)));
    tar.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new TransferFailed(`${what}: ${saidReason(said) || `tar ended with ${code}`}`));
    });
  });
  let failure: {readonly error: unknown} | undefined;
  done.catch((error: unknown) => {
    failure = {error};
  });
  const throwIfFailed = (): void => {
    if (failure) throw failure.error;
  };
  return {stdin: tar.stdin, stdout: tar.stdout, done, throwIfFailed, kill: () => void tar.kill()};
}
