/** Bytes become lines. */

/** A line longer than this comes in pieces. */
const MAX_LINE = 64 * 1024;

/** Cuts text into lines as it comes; UTF-8 and secrets may be split over chunks. */
export class LineCutter {
  readonly #decoder = new TextDecoder('utf-8', {ignoreBOM: true});
  readonly #mask: (text: string) => string;
  readonly #overlap: number;
  #rest = '';

  /** `longest`: the characters of the longest text that `mask` hides. */
  constructor(mask: (text: string) => string, longest: number) {
    this.#mask = mask;
    this.#overlap = Math.max(0, longest - 1);
  }

  /** The lines that are complete now. */
  push(chunk: Uint8Array): string[] {
    const [first = '', ...parts] = this.#decoder.decode(chunk, {stream: true}).split('\n');
    this.#rest += first;
    const lines: string[] = [];
    for (const part of parts) {
      lines.push(this.#mask(shown(this.#rest)));
      this.#rest = part;
    }
    return this.#rest.length > MAX_LINE + this.#overlap ? [...lines, ...this.#cutRest()] : lines;
  }

  /** A last line that had no end. */
  flush(): string[] {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = '';
    return rest === '' ? [] : [this.#mask(shown(rest))];
  }

  /** What is kept back may be the beginning of a secret, but holds no whole one. */
  #cutRest(): string[] {
    this.#rest = this.#mask(shown(this.#rest));
    const pieces: string[] = [];
    while (this.#rest.length > MAX_LINE + this.#overlap) {
      pieces.push(this.#rest.slice(0, MAX_LINE));
      this.#rest = this.#rest.slice(MAX_LINE);
    }
    return pieces;
  }
}

/** A progress bar writes over itself with a lone CR: what a terminal would show at last. */
function shown(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((part) => part !== '') ?? '';
}
