/** What rsync says while it runs: progress, what it changes, complaints, and its statistics at the end. */
import {StringDecoder} from 'node:string_decoder';
import type {RsyncStats} from '../channel.ts';
import {isStatsLine, parseStats} from './stats.ts';

/** How rsync must be asked so that this can read it; the variable `LC_ALL=C` belongs to it. */
export const OUTPUT_OPTIONS: readonly string[] = [
  '--stats',
  '--no-human-readable',
  '--outbuf=L',
  '--info=progress2',
  '--out-format=%i %n',
];

const PROGRESS = /^ *(\d+) +\d+% /;
/** `%i` is eleven characters wide; names are escaped, so that a line is one thing. */
const CHANGE = /^([<>ch.][fdLDS][^ ]{9}|\*deleting {2}) /;
const KEPT_CHANGES = 20;
/** Of many complaints the first ones tell what was wrong, the last ones how it ended. */
const KEPT_COMPLAINTS = 100;

/** Reads one run of rsync, whichever of its outputs a line comes from. */
export class RsyncOutput {
  /** Something came from the other side. */
  hasBegun = false;
  changes = 0;
  readonly changed: string[] = [];
  /** All that is none of the rest, in order; of very many, the first and the last. */
  readonly complaints: string[] = [];
  readonly #stats: string[] = [];
  readonly #onProgress: (bytes: number) => void;
  #done: number | undefined;

  constructor(onProgress: (bytes: number) => void) {
    this.#onProgress = onProgress;
  }

  /** Undefined until rsync has come to its end. */
  get stats(): RsyncStats | undefined {
    return parseStats(this.#stats);
  }

  /** Reads to the end; a stream that breaks is an end, too. */
  async read(stream: AsyncIterable<Buffer>): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    try {
      for await (const chunk of stream) {
        const lines = (rest + decoder.write(chunk)).split(/[\r\n]/);
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(line);
        this.#tell();
      }
    } catch {
      // How it ended is told by its result.
    }
    this.#take(rest + decoder.end());
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    const bytes = PROGRESS.exec(line)?.[1];
    this.hasBegun ||= bytes !== undefined || CHANGE.test(line);
    if (bytes !== undefined) this.#done = Number(bytes);
    else if (CHANGE.test(line)) this.#takeChange(line);
    else if (isStatsLine(line)) this.#stats.push(line);
    else this.#complain(line);
  }

  /** It tells of each file; few of that is news. */
  #tell(): void {
    if (this.#done !== undefined) this.#onProgress(this.#done);
    this.#done = undefined;
  }

  #takeChange(line: string): void {
    this.changes += 1;
    if (this.changed.length < KEPT_CHANGES) this.changed.push(line);
  }

  #complain(line: string): void {
    this.complaints.push(line);
    if (this.complaints.length > KEPT_COMPLAINTS) this.complaints.splice(KEPT_COMPLAINTS / 2, 1);
  }
}
