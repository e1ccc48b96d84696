/** Bytes become whole lines, many at a time. */

/** A longer line is shown in pieces: it must not fill the memory. */
const MAX_LINE_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Cuts one stream where its last line ends. */
export class LineCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** The lines that are whole by now, without the newline behind the last of them; undefined when there are none. */
  add(bytes: Buffer): Buffer | undefined {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#keep(bytes);
      return this.#restBytes > MAX_LINE_BYTES ? this.rest() : undefined;
    }
    const lines = Buffer.concat([...this.#rest, bytes.subarray(0, end)]);
    this.#rest = [];
    this.#restBytes = 0;
    if (end + 1 < bytes.length) this.#keep(bytes.subarray(end + 1));
    return lines;
  }

  /** The line that has no end yet. */
  rest(): Buffer | undefined {
    if (this.#restBytes === 0) return undefined;
    const line = Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }
}
