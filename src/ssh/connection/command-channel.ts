/** One command's streams over an ssh2 channel. */
import {Readable, Writable} from 'node:stream';
import {finished} from 'node:stream/promises';
import type {ClientChannel} from 'ssh2';
import type {Channel, Exit, TerminalSize} from '../../host/transport.ts';
import {QuietEnd} from '../quiet-end.ts';
import {boundWaiting} from './flow.ts';
import type {Life} from './life.ts';

/** The connection of a command. */
export interface Carrying {
  readonly life: Life;
  /** Resolves when the server has answered what is asked now. */
  answered(): Promise<void>;
}

/** The streams of a command that has just been started. */
export function commandChannel(raw: ClientChannel, {life, answered}: Carrying): Channel {
  const hasRead = boundWaiting(raw);
  const stdout = output(raw, hasRead);
  const stderr = output(raw.stderr, hasRead);
  const stdin = input(raw);
  const quietEnd = new QuietEnd({outputs: [stdout, stderr], answered, close: () => raw.close()});
  for (const half of [raw, raw.stderr]) half.on('data', () => quietEnd.heard());
  const streams = [stdin, stdout, stderr];
  for (const stream of streams) stream.on('error', () => {});

  let exit: Exit = {code: null, signal: null};
  raw.once('exit', (code: number | null, signal?: string) => {
    exit = {code, signal: signal?.replace(/^SIG/, '') ?? null};
    // The command can read no more, and ssh2 would leave a write waiting for ever.
    stdin.destroy();
    quietEnd.exited();
  });
  raw.once('close', () => quietEnd.stop());
  const result = new Promise<Exit>((resolve, reject) => {
    const forget = life.onLost((error) => {
      // A command that is done has nothing to lose: what it said is still delivered.
      if (isOver(raw)) return;
      for (const stream of streams) stream.destroy(error);
      reject(error);
    });
    const closed = new Promise<void>((done) => raw.once('close', () => done()));
    void Promise.all([closed, settled(stdout), settled(stderr)]).then(() => {
      forget();
      stdin.destroy();
      resolve(exit);
    });
  });
  result.catch(() => {});

  return {
    stdin,
    stdout,
    stderr,
    exit: result,
    resize: ({rows, columns}: TerminalSize) => raw.setWindow(rows, columns, 0, 0),
    abandon: () => {
      for (const stream of streams) stream.destroy();
      raw.close();
    },
  };
}

/** Hands on what ssh2 delivers; a stream of its own, since ssh2's ends cleanly when the connection dies. */
function output(source: Readable, hasRead: () => void): Readable {
  const stream = new Readable({
    read: () => void source.resume(),
    destroy: (error, done) => {
      // The rest is read and dropped, else the channel would never end.
      source.resume();
      done(error);
    },
  });
  source.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.push(chunk)) source.pause();
    hasRead();
  });
  source.once('end', () => stream.push(null));
  return stream;
}

function input(raw: ClientChannel): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (raw.writable) raw.write(chunk, () => done());
      else done();
    },
    final: (done) => {
      raw.end();
      done();
    },
    destroy: (error, done) => {
      raw.end();
      done(error);
    },
  });
}

async function settled(stream: Readable): Promise<void> {
  await finished(stream).catch(() => {});
}

function isOver(raw: ClientChannel): boolean {
  const {incoming} = raw as unknown as {incoming: {state: string}};
  return incoming.state === 'closed';
}
