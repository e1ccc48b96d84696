/** The output of each host, kept until it is wanted. */
import type {OutputName} from '../../host/host.ts';

/** Of each output; the last bytes say more than the first. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What hosts have said so far. */
export class Kept {
  readonly #tails = new Map<string, Tail>();

  add(host: string, from: OutputName, bytes: Buffer): void {
    const key = `${from} ${host}`;
    const tail = this.#tails.get(key) ?? new Tail();
    this.#tails.set(key, tail);
    tail.add(bytes);
  }

  /** Hands out what a host has said, and forgets it. */
  take(host: string): {readonly stdout: string; readonly stderr: string} {
    const take = (from: OutputName): string => {
      const key = `${from} ${host}`;
      const text = this.#tails.get(key)?.text() ?? '';
      this.#tails.delete(key);
      return text;
    };
    return {stdout: take('stdout'), stderr: take('stderr')};
  }
}

class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #dropped = 0;

  add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes <= 2 * MAX_BYTES) return;
    const all = Buffer.concat(this.#chunks);
    this.#dropped += all.length - MAX_BYTES;
    this.#chunks = [all.subarray(-MAX_BYTES)];
    this.#bytes = MAX_BYTES;
  }

  text(): string {
    const all = Buffer.concat(this.#chunks);
    const dropped = this.#dropped + Math.max(0, all.length - MAX_BYTES);
    const text = all.subarray(-MAX_BYTES).toString();
    return dropped === 0 ? text : `[the first ${dropped} bytes are left out]\n${text}`;
  }
}
