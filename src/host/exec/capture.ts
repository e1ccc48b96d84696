/** Taking in an output of a command: its lines as they come, and its end to keep. */
import type {Readable} from 'node:stream';
import {LineCutter} from './lines.ts';
import type {Mask} from './mask.ts';

const MAX_LOOSE = 1024;

export interface CaptureSettings {
  readonly keepBytes: number;
  readonly mask: Mask;
  /** Called with what `onLine` throws; no line comes after that. */
  readonly giveUp: (error: unknown) => void;
  readonly onLine: ((line: string) => void | Promise<void>) | undefined;
}

/** The last bytes of an output. */
export class Capture {
  readonly #settings: CaptureSettings;
  /** More than is shown, so that a secret is not cut in two before it is masked. */
  readonly #room: number;
  #blocks: Buffer[] = [];
  #loose: Buffer[] = [];
  #kept = 0;
  #total = 0;
  #isDeaf = false;

  constructor(settings: CaptureSettings) {
    this.#settings = settings;
    this.#room = settings.keepBytes + 4 * settings.mask.longest;
  }

  /** Reads until there is no more; a slow `onLine` holds the command back. Never rejects. */
  async read(output: Readable): Promise<void> {
    const {mask, onLine} = this.#settings;
    const lines = new LineCutter(mask, mask.longest);
    try {
      for await (const chunk of output) {
        this.#keep(chunk);
        if (onLine && !this.#isDeaf) await this.#tell(lines.push(chunk));
      }
    } catch {
      // The connection is gone, or nobody wants more: what came before counts.
    }
    await this.#tell(lines.flush());
  }

  /** What was kept; a first line tells how much came before it. */
  text(change: (text: string) => string = (text) => text): string {
    const {keepBytes} = this.#settings;
    const kept = Buffer.from(change(Buffer.concat([...this.#blocks, ...this.#loose]).toString('utf8')));
    if (this.#total <= keepBytes) return kept.toString('utf8');
    const end = kept.toString('utf8', Math.max(0, kept.length - keepBytes)).replace(/^\uFFFD+/, '');
    return `[${this.#total - keepBytes} bytes before this were not kept]\n${end}`;
  }

  async #tell(lines: readonly string[]): Promise<void> {
    const {onLine, giveUp} = this.#settings;
    try {
      for (const line of lines) {
        const held = this.#isDeaf ? undefined : onLine?.(line);
        if (held) await held;
      }
    } catch (error) {
      this.#isDeaf = true;
      giveUp(error);
    }
  }

  /** Many small chunks would cost more than what is in them. */
  #keep(chunk: Buffer): void {
    this.#total += chunk.length;
    this.#kept += chunk.length;
    this.#loose.push(chunk);
    if (this.#loose.length < MAX_LOOSE && this.#kept <= this.#room) return;
    this.#blocks.push(Buffer.concat(this.#loose));
    this.#loose = [];
    for (
      let first = this.#blocks[0];
      first && this.#kept - first.length >= this.#room;
      first = this.#blocks[0]
    ) {
      this.#blocks.shift();
      this.#kept -= first.length;
    }
  }
}
