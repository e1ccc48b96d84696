/** A connection that the program ssh holds for us; we speak the connection protocol over its control socket. */
import {Duplex} from 'node:stream';
import {finished} from 'node:stream/promises';
import {ConnectionLost, HostUnreachable} from '../../host/failures.ts';
import type {Channel, Exit, TerminalSize} from '../../host/transport.ts';
import {OPEN_LIMIT_MS, OpenRefused} from '../connection/connection.ts';
import {connectionLost, Life} from '../connection/life.ts';
import {openProxy, type Proxied, terminate} from './control-socket.ts';
import {type Field, Fields, MESSAGE, packet} from './wire.ts';
import {type Opened, PACKET_BYTES, type Sender, WINDOW_BYTES, WireChannel} from './wire-channel.ts';

export interface SharedOptions {
  /** `web1 (10.0.0.7:22)` */
  readonly place: string;
  /** The control socket. */
  readonly path: string;
  readonly forwardAgent: boolean;
  /** What ssh said last, when its connection has ended. */
  readonly lastWords: () => string | undefined;
}

interface Opening {
  readonly resolve: (opened: WireChannel) => void;
  readonly reject: (error: Error) => void;
}

export class SharedConnection implements Sender {
  readonly place: string;
  /** Its control socket. */
  readonly path: string;
  readonly life = new Life();
  readonly #options: SharedOptions;
  readonly #proxied: Proxied;
  readonly #opening = new Map<number, Opening>();
  readonly #channels = new Map<number, WireChannel>();
  #last = 0;

  private constructor(options: SharedOptions, proxied: Proxied) {
    this.place = options.place;
    this.path = options.path;
    this.#options = options;
    this.#proxied = proxied;
    const {socket, cutter} = proxied;
    socket.on('data', (chunk: Buffer) => {
      for (const message of cutter.push(chunk)) this.#dispatch(message);
    });
    // Every channel that has more to send than fits waits for its turn.
    socket.setMaxListeners(0);
    socket.on('error', () => {});
    socket.once('close', () => this.#lose());
  }

  /** Takes the control socket over. Throws when the ssh behind it does not have it so. */
  static async open(options: SharedOptions): Promise<SharedConnection> {
    return new SharedConnection(options, await openProxy(options.path));
  }

  /** Starts a command. @throws OpenRefused when the server has no place for it, ConnectionLost */
  async exec(commandLine: string, pty?: TerminalSize, signal?: AbortSignal): Promise<Channel> {
    const channel = await this.#open(signal, 'session');
    if (this.#options.forwardAgent) channel.tell('auth-agent-req@openssh.com', false);
    if (pty) {
      const {columns, rows, term = 'xterm'} = pty;
      channel.tell('pty-req', false, term, columns, rows, 0, 0, '\0');
    }
    const giveUp = (): void => channel.close();
    const timer = setTimeout(giveUp, OPEN_LIMIT_MS);
    signal?.addEventListener('abort', giveUp, {once: true});
    const isStarted = await channel.request('exec', commandLine);
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    this.#throwIfLost();
    signal?.throwIfAborted();
    if (isStarted) return commandChannel(channel, this.life);
    channel.close();
    throw new OpenRefused(this.place, 'it does not run commands', undefined);
  }

  /** A TCP connection that the server makes for us, from its side. @throws OpenRefused, ConnectionLost */
  async forward(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const channel = await this.#open(signal, 'direct-tcpip', host, port, '127.0.0.1', 0);
    const socket = Duplex.from({writable: channel.stdin, readable: channel.stdout});
    socket.once('close', () => channel.close());
    return socket;
  }

  /** Has ssh end; what is open fails with ConnectionLost. May be called twice. */
  async close(): Promise<void> {
    const wasLost = this.life.error !== undefined;
    this.#end(new ConnectionLost(`${this.place}: the connection was closed`));
    if (!wasLost) await terminate(this.path);
    this.#proxied.socket.destroy();
  }

  send(message: number, ...fields: readonly Field[]): boolean {
    return this.#proxied.socket.write(packet(message, ...fields));
  }

  onRoom(callback: () => void): void {
    this.#proxied.socket.once('drain', callback);
  }

  #open(signal: AbortSignal | undefined, type: string, ...fields: readonly Field[]): Promise<WireChannel> {
    this.#throwIfLost();
    signal?.throwIfAborted();
    this.#last += 1;
    const id = this.#last;
    this.send(MESSAGE.channelOpen, type, id, WINDOW_BYTES, PACKET_BYTES, ...fields);
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        settle();
        // It may come still; then nobody wants it.
        this.#opening.set(id, {resolve: (late) => late.close(), reject: () => {}});
        reject(reason);
      };
      const stop = (): void => giveUp(signal?.reason);
      const timer = setTimeout(() => {
        giveUp(new HostUnreachable(`${this.place}: it opened nothing in ${OPEN_LIMIT_MS / 1000} s`));
      }, OPEN_LIMIT_MS);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      };
      signal?.addEventListener('abort', stop, {once: true});
      this.#opening.set(id, {
        resolve: (channel) => {
          settle();
          resolve(channel);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
    });
  }

  #dispatch(message: Buffer): void {
    const type = message.readUInt8(1);
    const fields = new Fields(message, 2);
    const id = fields.uint32();
    const opening = this.#opening.get(id);
    if (opening && type === MESSAGE.openConfirmation) {
      const [server, window, packetBytes] = [fields.uint32(), fields.uint32(), fields.uint32()];
      this.#opening.delete(id);
      opening.resolve(this.#opened(id, {id: server, window, packetBytes}));
    } else if (opening && type === MESSAGE.openFailure) {
      fields.uint32();
      this.#opening.delete(id);
      opening.reject(new OpenRefused(this.place, fields.text(), undefined));
    } else {
      this.#channels.get(id)?.receive(type, fields);
    }
  }

  #opened(id: number, opened: Opened): WireChannel {
    const channel = new WireChannel(this, opened);
    this.#channels.set(id, channel);
    void channel.closed.then(() => this.#channels.delete(id));
    return channel;
  }

  #lose(): void {
    const why = this.#options.lastWords() ?? 'the other side closed it';
    this.#end(connectionLost(this.place, why));
  }

  #end(error: ConnectionLost): void {
    if (this.life.error) return;
    this.life.end(error);
    for (const {reject} of this.#opening.values()) reject(error);
    for (const channel of this.#channels.values()) channel.fail(error);
  }

  #throwIfLost(): void {
    if (this.life.error) throw this.life.error;
  }
}

function commandChannel(channel: WireChannel, life: Life): Channel {
  const {stdin, stdout, stderr} = channel;
  const exit = new Promise<Exit>((resolve, reject) => {
    const forget = life.onLost(reject);
    const delivered = [stdout, stderr].map((stream) => finished(stream).catch(() => {}));
    void Promise.all([channel.closed, ...delivered]).then(([ended]) => {
      forget();
      resolve(ended);
    });
  });
  exit.catch(() => {});
  return {
    stdin,
    stdout,
    stderr,
    exit,
    resize: ({columns, rows}) => channel.tell('window-change', false, columns, rows, 0, 0),
    abandon: () => channel.close(),
  };
}
