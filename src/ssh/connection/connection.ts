/** One live SSH connection: what can be opened on it, and its end. */
import type {Duplex} from 'node:stream';
import type {Client, ClientChannel, SFTPWrapper} from 'ssh2';
import {FtaskError} from '../../errors.ts';
import {ConnectionLost, HostUnreachable} from '../../host/failures.ts';
import type {Channel, TerminalSize} from '../../host/transport.ts';
import {commandChannel} from './command-channel.ts';
import type {RawFailure} from './failure.ts';
import {connectionLost, Life} from './life.ts';
import {SftpSession} from './sftp-session.ts';

/** A server that answers keep-alives but opens nothing in this time is given up. */
export const OPEN_LIMIT_MS = 30_000;
const FAREWELL_MS = 300;

/** The server does not open one more channel: too many sessions, or what it was asked to connect to does not answer. */
export class OpenRefused extends FtaskError {
  /** The server's words. */
  readonly reason: string;

  constructor(place: string, reason: string, cause: unknown) {
    super('OpenRefused', `${place}: the server refused it: ${reason}`, {cause});
    this.reason = reason;
  }
}

interface Opening<Raw, T> {
  start(done: (error: Error | undefined, opened: Raw) => void): void;
  /** Called at once: what the server sent in the same packet is told right after. */
  made(raw: Raw): T;
  /** Gets rid of what nobody waits for any more. */
  discard(late: Raw): void;
  readonly signal: AbortSignal | undefined;
}

export class Connection {
  /** `web1 (10.0.0.7:22)` */
  readonly place: string;
  readonly life = new Life();
  /** When the server bears fewer than is usual. */
  sessionsAtOnce: number | undefined;
  readonly #client: Client;
  readonly #socket: Duplex;

  constructor(client: Client, socket: Duplex, place: string) {
    this.#client = client;
    this.#socket = socket;
    this.place = place;
    // ssh2 tells of a loss in three ways, and of one loss in several of them.
    client.on('error', (error: RawFailure) => this.#lose(error));
    client.on('end', () => this.#lose());
    client.on('close', () => this.#lose());
  }

  /** Starts a command. @throws OpenRefused when the server has no place for it, ConnectionLost */
  async exec(commandLine: string, pty?: TerminalSize, signal?: AbortSignal): Promise<Channel> {
    return this.#open<ClientChannel, Channel>({
      start: (done) => this.#client.exec(commandLine, {...(pty && {pty: terminal(pty)})}, done),
      made: (raw) => commandChannel(raw, {life: this.life, answered: () => this.#answered()}),
      discard: (late) => late.close(),
      signal,
    });
  }

  /** A TCP connection that the server makes for us, from its side. @throws HostUnreachable, ConnectionLost */
  async forward(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return this.#open<ClientChannel, Duplex>({
      start: (done) => this.#client.forwardOut('127.0.0.1', 0, host, port, done),
      made: (raw) => raw,
      discard: (late) => late.close(),
      signal,
    });
  }

  /** The file service of the server. @throws OpenRefused, HostUnreachable, ConnectionLost */
  async sftp(signal?: AbortSignal): Promise<SftpSession> {
    return this.#open<SFTPWrapper, SftpSession>({
      start: (done) => this.#client.sftp(done),
      made: (raw) => new SftpSession(raw, this.place, this.life),
      discard: (late) => late.end(),
      signal,
    });
  }

  /** Says farewell; what is open fails with ConnectionLost. May be called twice. */
  async close(): Promise<void> {
    const wasLost = this.life.error !== undefined;
    this.life.end(new ConnectionLost(`${this.place}: the connection was closed`));
    if (wasLost) return;
    await new Promise<void>((resolve) => {
      // A peer that is gone does not answer; it shall not hold us.
      const timer = setTimeout(resolve, FAREWELL_MS);
      this.#client.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#client.end();
    });
    this.#socket.destroy();
  }

  /** Asks for a sign of life. Whatever is heard next was sent behind all that was sent before. */
  #answered(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('data', () => setImmediate(resolve));
      // ssh2 has no name for it in public.
      (this.#client as unknown as {_protocol: {ping(): void}})._protocol.ping();
    });
  }

  #lose(error?: RawFailure): void {
    // An agent that fails is no loss: the next key is tried.
    if (error?.level === 'agent') return;
    const isSilent = error?.level === 'client-timeout';
    const why = isSilent ? 'it answers no keep-alive' : (error?.message ?? 'the other side closed it');
    this.life.end(connectionLost(this.place, why, error));
    this.#socket.destroy();
  }

  #open<Raw, T>({start, made, discard, signal}: Opening<Raw, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isWanted = true;
      const settle = (finish: () => void) => {
        if (!isWanted) return;
        isWanted = false;
        forget();
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        finish();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const stop = () => fail(signal?.reason);
      const timer = setTimeout(() => {
        fail(new HostUnreachable(`${this.place}: it opened nothing in ${OPEN_LIMIT_MS / 1000} s`));
      }, OPEN_LIMIT_MS);
      let forget = (): void => {};
      forget = this.life.onLost(fail);
      if (this.life.error) return;
      signal?.addEventListener('abort', stop, {once: true});
      if (signal?.aborted) return stop();
      try {
        start((error, opened) => {
          if (error) return fail(this.#refusal(error));
          // It came too late: whoever waited for it has gone.
          if (!isWanted) return discard(opened);
          settle(() => resolve(made(opened)));
        });
      } catch (error) {
        this.#lose(error as RawFailure);
      }
    });
  }

  #refusal(error: Error & {reason?: number | string}): FtaskError {
    const words = error.message.replace(/^\(SSH\) Channel open failure: /, '');
    if (typeof error.reason === 'number') return new OpenRefused(this.place, words, error);
    return new HostUnreachable(`${this.place}: the server refused it: ${error.message}`, {cause: error});
  }
}

function terminal({columns, rows, term = 'xterm'}: TerminalSize) {
  return {cols: columns, rows, term, width: 0, height: 0};
}
