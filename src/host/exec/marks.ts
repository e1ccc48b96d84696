/** Takes the lines that are ours out of what a command writes. */
import {Transform, type TransformCallback} from 'node:stream';

/** Without a mark in this much, the script is not running there. */
const MAX_HELD_BYTES = 256 * 1024;

export interface MarkListener {
  /** A line of ours: its word, and the process id in it, 0 when there is none. */
  onMark?(word: string, pid: number): void;
  /** What came since the last mark, each time that it grew. */
  onText?(text: string): void;
}

/**
 * Holds back all that comes before `<token> go`, then passes everything on as it is. What login scripts and sudo
 * said is dropped then; what no mark follows is passed on at the end.
 */
export class Marks extends Transform {
  /** What came since the last mark. */
  text = '';
  readonly #mark: RegExp;
  readonly #listener: MarkListener;
  #held: Buffer = Buffer.alloc(0);
  #unread = 0;
  #isOpen = false;

  constructor(token: string, listener: MarkListener = {}) {
    super();
    this.#mark = new RegExp(`${token} (at|send|no|go)(?: (\\d+))?\\r?\\n`, 'g');
    this.#listener = listener;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#isOpen) this.#hold(chunk);
    else this.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    if (!this.#isOpen) this.push(this.#held.subarray(this.#unread));
    done();
  }

  #hold(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    while (!this.#isOpen && this.#readMark());
    if (this.#isOpen) return;
    this.text = this.#held.toString('utf8', this.#unread);
    this.#listener.onText?.(this.text);
    if (this.#held.length > MAX_HELD_BYTES) this.#open(0);
  }

  /** A whole mark only: a shell that traces what it does prints parts of the script, too. */
  #readMark(): boolean {
    this.#mark.lastIndex = this.#unread;
    const found = this.#mark.exec(this.#held.toString('latin1'));
    if (!found) return false;
    const [, word = '', pid] = found;
    this.#unread = this.#mark.lastIndex;
    if (word === 'go') this.#open(this.#unread);
    this.#listener.onMark?.(word, Number(pid ?? 0));
    return true;
  }

  #open(from: number): void {
    this.#isOpen = true;
    if (from < this.#held.length) this.push(this.#held.subarray(from));
    this.#held = Buffer.alloc(0);
    this.text = '';
  }
}
