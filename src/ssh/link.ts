/** The sessions of one host: they share a connection, which is opened when one is wanted and none is there. */
import {setTimeout as delay} from 'node:timers/promises';
import type {FtaskError} from '../errors.ts';
import {ConnectionLost, HostUnreachable} from '../host/failures.ts';
import {type Connection, OpenRefused} from './connection/connection.ts';
import type {Life} from './connection/life.ts';
import {Places} from './places.ts';

/** Of the 10 that a server has by default (MaxSessions of sshd_config(5)), two are spared for what is urgent. */
const PLACES = 8;
const SPARE_PLACES = 2;
/** A server needs a moment to see that a session has ended. */
const LONE_REFUSALS = 3;
const REFUSED_DELAY_MS = 50;

export interface SessionOptions {
  readonly isUrgent?: boolean;
  readonly signal?: AbortSignal;
}

/** What a link makes and keeps, whoever holds it. */
export interface Linked {
  readonly place: string;
  readonly life: Life;
  /** How many sessions it bears, when those are fewer than is usual. */
  readonly sessionsAtOnce?: number;
  close(): Promise<void>;
}

/** A connection with the places on it. */
interface Line<Held extends Linked> {
  readonly connection: Held;
  readonly places: Places;
  /** All of them, and those beside them for what is urgent. */
  readonly size: number;
  readonly spare: number;
  /** Places that the server does not have after all. */
  lacking: number;
  /** The server has opened one before. */
  hasWorked: boolean;
  /** No new sessions; it is closed when the last one has ended. */
  isRetired: boolean;
  /** Refusals in a row while no session was open. */
  refusals: number;
}

export class Link<Held extends Linked = Connection> {
  readonly #connect: (signal: AbortSignal) => Promise<Held>;
  readonly #lines = new Set<Line<Held>>();
  #current: Promise<Line<Held>> | undefined;
  #stop = new AbortController();

  /** `connect` makes a connection; it is called again when that one is dead or full. */
  constructor(connect: (signal: AbortSignal) => Promise<Held>) {
    this.#connect = connect;
  }

  /** The connection, for what takes no session's place on it. */
  async connection(signal?: AbortSignal): Promise<Held> {
    return (await this.#line(signal)).connection;
  }

  /**
   * Opens a session when there is a place for it; it leaves that when `ended` settles. Throws what `connect` and
   * `open` throw, and ConnectionLost when the connection dies before there is a place.
   */
  async session<T>(
    open: (connection: Held) => Promise<T>,
    ended: (session: T) => Promise<unknown>,
    {isUrgent = false, signal}: SessionOptions = {},
  ): Promise<T> {
    for (;;) {
      const line = await this.#line(signal);
      if (isUrgent && line.places.free <= -line.spare) {
        this.#retire(line);
        continue;
      }
      const leave = isUrgent ? line.places.takeNow() : await placeOn(line, signal);
      const end = () => {
        leave();
        if (line.isRetired && openOn(line) === 0) void this.#close(line);
      };
      try {
        const session = await open(line.connection);
        line.hasWorked = true;
        line.refusals = 0;
        void ended(session).then(end, end);
        return session;
      } catch (error) {
        if (error instanceof OpenRefused) await this.#refused(line, isUrgent, error, end);
        else {
          end();
          throw error;
        }
      }
    }
  }

  /** Ends all connections, and the one that is being made. The next session makes a new one. */
  async close(): Promise<void> {
    this.#stop.abort(new ConnectionLost('the connection was closed'));
    this.#stop = new AbortController();
    this.#current = undefined;
    await Promise.all([...this.#lines].map((line) => this.#close(line)));
  }

  /** The server has no place for one more session: returns when it is worth another try. */
  async #refused(line: Line<Held>, isUrgent: boolean, error: OpenRefused, end: () => void): Promise<void> {
    const isAlone = openOn(line) <= 1;
    if (!isUrgent && !isAlone) {
      // This place is never given back: the next session that ends makes room.
      line.lacking += 1;
      return;
    }
    end();
    // Others that are being opened may have taken all that the server has.
    if (!line.hasWorked && isAlone) {
      throw new HostUnreachable(`${line.connection.place}: the server starts no session: ${error.reason}`, {
        hint: 'look at MaxSessions in its sshd_config',
        cause: error,
      });
    }
    line.refusals += 1;
    // Nothing that ends here can make room: what holds the places is what was abandoned.
    if (isUrgent || line.refusals > LONE_REFUSALS) this.#retire(line);
    else await delay(REFUSED_DELAY_MS);
  }

  #retire(line: Line<Held>): void {
    if (line.isRetired) return;
    line.isRetired = true;
    this.#current = undefined;
    if (openOn(line) === 0) void this.#close(line);
  }

  async #close(line: Line<Held>): Promise<void> {
    this.#lines.delete(line);
    await line.connection.close();
  }

  async #line(signal?: AbortSignal): Promise<Line<Held>> {
    signal?.throwIfAborted();
    this.#current ??= this.#open();
    return signal ? abortable(this.#current, signal) : this.#current;
  }

  #open(): Promise<Line<Held>> {
    const opening = this.#connect(this.#stop.signal).then((connection): Line<Held> => {
      const size = connection.sessionsAtOnce ?? PLACES;
      const spare = size === PLACES ? SPARE_PLACES : 0;
      const places = new Places(size);
      const line = {
        connection,
        places,
        size,
        spare,
        lacking: 0,
        hasWorked: false,
        isRetired: false,
        refusals: 0,
      };
      this.#lines.add(line);
      connection.life.onLost(() => {
        this.#lines.delete(line);
        forget();
      });
      return line;
    });
    const forget = () => {
      if (this.#current === opening) this.#current = undefined;
    };
    opening.catch(forget);
    return opening;
  }
}

function openOn({places, size, lacking}: Line<Linked>): number {
  return size - places.free - lacking;
}

/** Waits for a place, but not on a dead connection. */
async function placeOn(
  {places, connection}: Line<Linked>,
  signal: AbortSignal | undefined,
): Promise<() => void> {
  if (places.free > 0) return places.takeNow();
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  const forget = connection.life.onLost((error: FtaskError) => stop.abort(error));
  signal?.addEventListener('abort', abort, {once: true});
  try {
    return await places.take(stop.signal);
  } finally {
    forget();
    signal?.removeEventListener('abort', abort);
  }
}

/** The same, but whoever waits may go away. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, {once: true});
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
