/** stdout or stderr for a task that shows its data by itself: in large pieces, above the live display. */
import type {Display} from '../../runner/display/display.ts';
import type {Outlet} from '../../runner/outlet.ts';
import type {Sink} from '../world.ts';

export interface OutletPlace {
  readonly sink: Sink;
  readonly display: Pick<Display, 'isDrawn' | 'suspend'>;
  /** Ends the wait for a reader that reads no more. */
  readonly signal: AbortSignal;
}

/** No more than about this waits in memory before writers have to wait. */
const MOST_WAITING = 65_536;
/** A drawn display is erased and drawn again around each piece. */
const REDRAW_MS = 100;
const NEWLINE = 10;

/** An outlet onto a stream. What is written within a moment goes out as one piece. */
export class StreamOutlet implements Outlet {
  readonly isTerminal: boolean;
  isClosed = false;
  readonly #place: OutletPlace;
  #pieces: (string | Uint8Array)[] = [];
  #waiting = 0;
  #isMidLine = false;
  #isLost = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(place: OutletPlace) {
    this.#place = place;
    this.isTerminal = place.sink.isTTY === true;
  }

  get columns(): number {
    return this.#place.sink.columns || 80;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (data.length === 0 || this.#isLost) return;
    this.#pieces.push(data);
    this.#waiting += data.length;
    if (this.#waiting >= MOST_WAITING) await this.#drain();
    else this.#timer ??= setTimeout(() => void this.#drain(), this.#isBelow() ? REDRAW_MS : 0);
  }

  /** Settles when all is written; a terminal then stands at the beginning of a line. For when nothing is drawn. */
  async flush(): Promise<void> {
    if (this.isTerminal && this.#isMidLineAtEnd()) await this.write('\n');
    await this.#drain();
  }

  #isMidLineAtEnd(): boolean {
    const last = this.#pieces.at(-1);
    return last === undefined ? this.#isMidLine : !isLineEnd(last.at(-1));
  }

  /** Whether a display is drawn where this writes to. */
  #isBelow(): boolean {
    return this.isTerminal && this.#place.display.isDrawn;
  }

  #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const data = this.#take();
    if (data.length > 0) this.#writing = this.#writing.then(() => this.#send(data));
    return this.#writing;
  }

  /** A display would be drawn over the beginning of a line, so that one waits for its end. */
  #take(): Buffer {
    const data = joined(this.#pieces);
    const end = data.lastIndexOf(NEWLINE) + 1;
    const isCut = this.#isBelow() && end < data.length && (end > 0 || data.length < MOST_WAITING);
    const [now, later] = isCut ? [data.subarray(0, end), data.subarray(end)] : [data, undefined];
    this.#pieces = later ? [later] : [];
    this.#waiting = later?.length ?? 0;
    if (now.length > 0) this.#isMidLine = !isLineEnd(now.at(-1));
    return now;
  }

  #send(data: Buffer): Promise<void> {
    const {sink, display, signal} = this.#place;
    return new Promise((resolve) => {
      const settle = () => {
        signal.removeEventListener('abort', settle);
        resolve();
      };
      signal.addEventListener('abort', settle);
      const resume = this.isTerminal ? display.suspend() : () => {};
      sink.write(data, (error) => {
        this.#isLost ||= error instanceof Error;
        this.isClosed ||= error instanceof Error && 'code' in error && error.code === 'EPIPE';
        settle();
      });
      resume();
      if (signal.aborted || this.#isLost) settle();
    });
  }
}

function isLineEnd(last: string | number | undefined): boolean {
  return last === '\n' || last === NEWLINE;
}

function joined(pieces: readonly (string | Uint8Array)[]): Buffer {
  if (pieces.every((piece) => typeof piece === 'string')) return Buffer.from(pieces.join(''));
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
