/** Counts and hashes what goes by. */
import {createHash} from 'node:crypto';

export class Meter {
  /** So far. */
  bytes = 0;
  readonly #hash = createHash('sha256');
  readonly #onProgress: ((bytes: number) => void) | undefined;

  constructor(onProgress?: (bytes: number) => void) {
    this.#onProgress = onProgress;
  }

  /** The same content, noted. */
  async *through(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const data of content) {
      this.#hash.update(data);
      this.bytes += data.length;
      this.#onProgress?.(this.bytes);
      yield data;
    }
  }

  /** Hex digits of all that went by. May be called once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
