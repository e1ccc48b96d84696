/** What is said between the script before a command and us, until the command runs. */
import type {Secret} from '../../secret.ts';
import type {Command} from '../command.ts';
import {SudoRefused} from '../failures.ts';
import type {Exit} from '../transport.ts';
import {sudoRefusal} from './sudo.ts';

/** sudo asks a directory, a log server or a person's telephone, but not for ever. */
const SUDO_WAIT_MS = 60_000;

export interface HandshakeSettings {
  /** As errors call it. */
  readonly host: string;
  readonly command: Command;
  /** The text that sudo asks with. */
  readonly prompt: string | undefined;
  readonly password: Secret | undefined;
  /** What the script reads where it says `send`. */
  readonly secrets: string;
  /** Sends text ahead of the command's own input. */
  readonly send: (text: string) => void;
  /** The command runs, and reads what is for it. */
  readonly onRun: () => void;
}

/** The script before the command did not let it run, or is not what ran there. */
export class NotStarted extends Error {
  readonly why: 'NoFolder' | 'NoShell';
  readonly exit: Exit;

  constructor(why: NotStarted['why'], exit: Exit) {
    super(why);
    this.why = why;
    this.exit = exit;
  }
}

/** Answers the marks of the script, and sudo once. `refused` rejects with SudoRefused when sudo wants more than that. */
export class Handshake {
  readonly refused: Promise<never>;
  /** Of the script under the login shell, then of the one under sudo. */
  readonly processIds: number[] = [];
  isRunning = false;
  #hasNoFolder = false;
  readonly #settings: HandshakeSettings;
  #refuse: (error: SudoRefused) => void = () => {};
  #isAnswered = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(settings: HandshakeSettings) {
    this.#settings = settings;
    this.refused = new Promise((_, reject) => {
      this.#refuse = reject;
    });
    this.refused.catch(() => {});
  }

  onMark(word: string, pid: number): void {
    const {secrets, send, onRun} = this.#settings;
    if (pid > 0 && !this.processIds.includes(pid)) this.processIds.push(pid);
    this.#isAnswered ||= this.processIds.length > 1;
    if (word === 'send') send(secrets);
    if (word === 'no') this.#hasNoFolder = true;
    if (word === 'go') this.isRunning = true;
    if (word === 'go') onRun();
    if (word === 'at' && this.#waitsForSudo()) this.#waitForSudo('');
    else this.stop();
  }

  /** Hears what sudo says. The password goes out once, and only for our own prompt before anything else runs. */
  onText(text: string): void {
    const {prompt, password, send} = this.#settings;
    if (!this.#waitsForSudo()) return;
    this.#waitForSudo(text);
    const asked = prompt === undefined ? 0 : text.split(prompt).length - 1;
    if (asked > 1) this.#refuse(this.#refusal(text, true));
    if (asked !== 1 || this.#isAnswered || !password) return;
    this.#isAnswered = true;
    send(`${password.reveal()}\n`);
  }

  /** The exit of what ended after saying `text`. @throws NotStarted, SudoRefused when it was not the command that ended */
  settle(exit: Exit, text: string): Exit {
    if (this.isRunning) return exit;
    if (this.#hasNoFolder) throw new NotStarted('NoFolder', exit);
    // One that was killed may have been a shell that came to say nothing.
    if (this.processIds.length === 0 && exit.signal === null) throw new NotStarted('NoShell', exit);
    if (this.#waitsForSudo()) throw this.#refusal(text, /incorrect password/.test(text));
    return exit;
  }

  /** Waits for nothing more. */
  stop(): void {
    clearTimeout(this.#patience);
  }

  #waitsForSudo(): boolean {
    return Boolean(this.#settings.command.sudo) && this.processIds.length === 1;
  }

  #waitForSudo(text: string): void {
    clearTimeout(this.#patience);
    const refuse = () => {
      const {message, hint} = this.#refusal(text, false);
      const error = new SudoRefused(
        `${message} (no more within ${SUDO_WAIT_MS / 1000} s)`,
        hint === undefined ? {} : {hint},
      );
      this.#refuse(error);
    };
    this.#patience = setTimeout(refuse, SUDO_WAIT_MS).unref();
  }

  #refusal(text: string, isWrongPassword: boolean): SudoRefused {
    const {host, prompt} = this.#settings;
    return sudoRefusal({host, text, prompt, isWrongPassword});
  }
}
