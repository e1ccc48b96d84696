/** One channel of the connection protocol (RFC 4254, 5): its windows, streams and requests. */
import {type Readable, Writable} from 'node:stream';
import type {Exit} from '../../host/transport.ts';
import {QuietEnd} from '../quiet-end.ts';
import {Output} from './output.ts';
import {type Field, type Fields, MESSAGE} from './wire.ts';

/** As much may be on its way to us as OpenSSH lets itself be sent. */
export const WINDOW_BYTES = 2 * 1024 * 1024;
export const PACKET_BYTES = 32 * 1024;
const STDERR = 1;

/** The way to the server. */
export interface Sender {
  /** False when the way is full. */
  send(message: number, ...fields: readonly Field[]): boolean;
  /** Calls back when there is room again. */
  onRoom(callback: () => void): void;
}

/** What the server said of the channel when it opened it. */
export interface Opened {
  /** The number that the server knows it by. */
  readonly id: number;
  readonly window: number;
  readonly packetBytes: number;
}

export class WireChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #out: Output;
  readonly #err: Output;
  /** Resolves when the server closed the channel. */
  readonly closed: Promise<Exit>;
  readonly #sender: Sender;
  readonly #id: number;
  readonly #packetBytes: number;
  #window: number;
  #exit: Exit = {code: null, signal: null};
  #close: (exit: Exit) => void = () => {};
  #isClosing = false;
  readonly #quietEnd: QuietEnd;
  #unsent: {chunk: Buffer; done: () => void} | undefined;
  readonly #answers: ((isGood: boolean) => void)[] = [];

  constructor(sender: Sender, {id, window, packetBytes}: Opened) {
    this.#sender = sender;
    this.#id = id;
    this.#window = window;
    this.#packetBytes = Math.min(packetBytes, PACKET_BYTES);
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    const widen = (bytes: number): void => this.#widen(bytes);
    this.#out = new Output(widen);
    this.#err = new Output(widen);
    this.stdout = this.#out.stream;
    this.stderr = this.#err.stream;
    this.stdin = this.#input();
    this.#quietEnd = new QuietEnd({
      outputs: [this.stdout, this.stderr],
      answered: () => this.request('keepalive@openssh.com'),
      close: () => this.#sayClose(),
    });
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on('error', () => {});
  }

  /** Asks the server for something about the channel; whether it was granted. A channel that ends grants nothing. */
  async request(type: string, ...fields: readonly Field[]): Promise<boolean> {
    if (this.#isClosing) return false;
    this.tell(type, true, ...fields);
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  /** The same without an answer, unless `wantsAnswer`. */
  tell(type: string, wantsAnswer: boolean, ...fields: readonly Field[]): void {
    if (!this.#isClosing) this.#sender.send(MESSAGE.request, this.#id, type, wantsAnswer, ...fields);
  }

  /** Wants nothing more; the server is told. May be called twice. */
  close(): void {
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
    this.#sayClose();
    this.#refuseRest();
  }

  #sayClose(): void {
    if (!this.#isClosing) this.#sender.send(MESSAGE.close, this.#id);
    this.#isClosing = true;
  }

  /** The connection is gone: all streams fail with the error. */
  fail(error: Error): void {
    this.#isClosing = true;
    this.#quietEnd.stop();
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy(error);
    this.#refuseRest();
  }

  /** Takes a message of the server for this channel. */
  receive(message: number, fields: Fields): void {
    switch (message) {
      case MESSAGE.windowAdjust:
        this.#window += fields.uint32();
        this.#pump();
        break;
      case MESSAGE.data:
        this.#quietEnd.heard();
        this.#out.deliver(fields.bytes());
        break;
      case MESSAGE.extendedData:
        this.#quietEnd.heard();
        if (fields.uint32() === STDERR) this.#err.deliver(fields.bytes());
        break;
      case MESSAGE.eof:
        this.#out.end();
        this.#err.end();
        break;
      case MESSAGE.close:
        this.#closedByServer();
        break;
      case MESSAGE.request:
        this.#heard(fields);
        break;
      case MESSAGE.success:
      case MESSAGE.failure:
        this.#answers.shift()?.(message === MESSAGE.success);
    }
  }

  #heard(fields: Fields): void {
    const type = fields.text();
    const wantsAnswer = fields.flag();
    if (type === 'exit-status') this.#exit = {code: fields.uint32(), signal: null};
    if (type === 'exit-signal') this.#exit = {code: null, signal: fields.text()};
    if (type.startsWith('exit-')) this.#quietEnd.exited();
    if (wantsAnswer && !this.#isClosing) this.#sender.send(MESSAGE.failure, this.#id);
  }

  #closedByServer(): void {
    this.#sayClose();
    this.#quietEnd.stop();
    this.#out.end();
    this.#err.end();
    this.stdin.destroy();
    this.#refuseRest();
    this.#close(this.#exit);
  }

  #refuseRest(): void {
    for (const answer of this.#answers.splice(0)) answer(false);
  }

  #widen(bytes: number): void {
    if (!this.#isClosing) this.#sender.send(MESSAGE.windowAdjust, this.#id, bytes);
  }

  #input(): Writable {
    const end = (): void => {
      if (!this.#isClosing) this.#sender.send(MESSAGE.eof, this.#id);
    };
    let isEnded = false;
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#unsent = {chunk, done};
        this.#pump();
      },
      final: (done) => {
        isEnded = true;
        end();
        done();
      },
      destroy: (error, done) => {
        if (!isEnded) end();
        this.#unsent = undefined;
        done(error);
      },
    });
  }

  /** Sends what the window of the server allows. */
  #pump(): void {
    while (this.#unsent && this.#window > 0 && !this.#isClosing) {
      const {chunk, done} = this.#unsent;
      const size = Math.min(chunk.length, this.#window, this.#packetBytes);
      this.#window -= size;
      const hasRoom = this.#sender.send(MESSAGE.data, this.#id, chunk.subarray(0, size));
      const isAll = size === chunk.length;
      this.#unsent = isAll ? undefined : {chunk: chunk.subarray(size), done};
      const goOn = isAll ? done : () => this.#pump();
      if (!hasRoom) {
        this.#sender.onRoom(goOn);
        break;
      }
      if (isAll) done();
    }
  }
}
