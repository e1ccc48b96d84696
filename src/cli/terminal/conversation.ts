/** What is between a run and the operator's terminal: questions, one at a time, and shells. */
import {FtaskError, UsageError} from '../../errors.ts';
import type {Display} from '../../runner/display/display.ts';
import {visibleText} from '../../runner/display/visible-text.ts';
import type {RawTerminal, Terminal} from '../../runner/terminal.ts';
import {Secret} from '../../secret.ts';
import type {TerminalDevice, World} from '../world.ts';
import {readLine} from './read-line.ts';

export interface ConversationPlace {
  readonly world: Pick<World, 'openTerminal' | 'onResize' | 'stdout' | 'env'>;
  readonly display: Pick<Display, 'suspend' | 'settle'>;
  /** Writes what tasks have given to their outlets: it comes before the question. */
  readonly flush: () => Promise<void>;
  /** `--yes`. */
  readonly yes: boolean;
  /** Aborted when the run is to end, also by `interrupt`. */
  readonly signal: AbortSignal;
  /** Ctrl-C came as a key. */
  readonly interrupt: () => void;
}

/** The operator, as far as there is one. */
export class Conversation {
  readonly #place: ConversationPlace;
  #turn: Promise<void> = Promise.resolve();
  #device: TerminalDevice | undefined;

  constructor(place: ConversationPlace) {
    this.#place = place;
  }

  /** Asks without an echo. @throws UsageError 'NoTerminal' */
  async ask(question: string): Promise<Secret> {
    const hint = 'run ftask on a terminal, or configure it';
    const answer = await this.#line(question, {isEchoed: false, hint});
    if (answer === undefined) throw new FtaskError('NoAnswer', `no answer to '${visibleText(question)}'`);
    return new Secret(answer);
  }

  /** Asks for yes or no. @throws UsageError 'NoTerminal' */
  async confirm(question: string): Promise<boolean> {
    if (this.#place.yes) return true;
    const hint = 'run ftask on a terminal, or say yes to all questions with --yes';
    const answer = await this.#line(`${question} [y/N]`, {isEchoed: true, hint});
    return /^\s*(y|yes)\s*$/i.test(answer ?? '');
  }

  /** Undefined where nobody could see a shell. */
  terminal(): Terminal | undefined {
    const {world} = this.#place;
    if (!world.stdout.isTTY) return undefined;
    return {
      type: world.env['TERM'] ?? 'dumb',
      size: () => ({columns: world.stdout.columns || 80, rows: world.stdout.rows || 24}),
      onResize: (listener) => world.onResize(listener),
      raw: () => this.#raw(),
    };
  }

  /** The process ends in this very moment. */
  abandon(): void {
    this.#device?.setRaw(false);
    this.#device?.close();
    this.#device = undefined;
  }

  /** Undefined: the operator wants to say nothing. */
  async #line(question: string, {isEchoed, hint}: Asking): Promise<string | undefined> {
    const {signal, interrupt} = this.#place;
    const text = visibleText(question);
    const {device, close} = await this.#open(`cannot ask '${text}': there is no terminal`, hint);
    try {
      const line = await readLine(device, {question: `${text} `, isEchoed, signal});
      if (line === 'interrupted') interrupt();
      signal.throwIfAborted();
      return typeof line === 'object' ? line.text : undefined;
    } finally {
      close();
    }
  }

  async #raw(): Promise<RawTerminal> {
    const {device, close} = await this.#open('there is no terminal', 'run ftask on a terminal');
    device.setRaw(true);
    const {stdout} = this.#place.world;
    return {
      input: device.input,
      write: (data) => new Promise((resolve) => stdout.write(data, () => resolve())),
      restore: close,
    };
  }

  /** Waits for its turn. `close` may be called twice. */
  async #open(message: string, hint: string): Promise<{device: TerminalDevice; close: () => void}> {
    const {world, display, flush, signal} = this.#place;
    const endTurn = await this.#takeTurn();
    try {
      signal.throwIfAborted();
      const device = await world.openTerminal();
      if (!device) throw new UsageError('NoTerminal', message, {hint});
      this.#device = device;
      const resume = display.suspend();
      display.settle();
      const close = () => {
        if (this.#device !== device) return;
        this.abandon();
        resume();
        endTurn();
      };
      await flush();
      return {device, close};
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async #takeTurn(): Promise<() => void> {
    const before = this.#turn;
    let endTurn = () => {};
    this.#turn = new Promise((resolve) => {
      endTurn = resolve;
    });
    await before;
    return endTurn;
  }
}

interface Asking {
  readonly isEchoed: boolean;
  /** For where there is no terminal. */
  readonly hint: string;
}
