/** A terminal in memory on which somebody types an answer after each question. */
import {PassThrough} from 'node:stream';
import type {TerminalDevice} from '../../src/cli/world.ts';

export class FakeTerminal implements TerminalDevice {
  readonly input = new PassThrough();
  /** All that was to be seen. */
  seen = '';
  isRaw = false;
  isClosed = false;
  readonly #answers: string[];

  constructor(...answers: string[]) {
    this.#answers = answers;
  }

  write(text: string): void {
    this.seen += text;
    if (/[:?\]] $/.test(text)) this.type(this.#answers.shift() ?? '');
  }

  type(keys: string): void {
    if (keys !== '') this.input.write(keys);
  }

  setRaw(isRaw: boolean): void {
    this.isRaw = isRaw;
  }

  close(): void {
    this.isClosed = true;
  }
}
