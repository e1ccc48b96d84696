/** The questions of the program ssh (passphrases, PINs, passwords), answered by ftask in place of a terminal. */
import {constants, type FSWatcher, watch} from 'node:fs';
import {open, readdir, readFile, unlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Secret} from '../../secret.ts';

/** What ssh runs for a question (SSH_ASKPASS): it hands it over and prints the answer, which no argument ever holds. */
const PROGRAM = `#!/bin/sh
umask 077
me=$0.$PPID.$$
[ "$SSH_ASKPASS_PROMPT" != none ] || exec sleep 600
mkfifo "$me.answer" && printf '%s' "$1" >"$me.new" && mv "$me.new" "$me.question" || exit 1
answer=$(cat "$me.answer")
rm -f "$me.answer"
[ -n "$answer" ] && printf '%s\\n' "$answer"
`;

const ANSWER_TRIES = 100;
const ANSWER_DELAY_MS = 20;

export interface QuestionsOptions {
  /** Asks a person. Rejects when there is none. */
  readonly ask: (question: string) => Promise<Secret>;
  /** The login password, when the operator gave one. */
  readonly password?: Secret;
}

export class Questions {
  /** For SSH_ASKPASS. */
  readonly program: string;
  readonly #folder: string;
  readonly #options: QuestionsOptions;
  readonly #watcher: FSWatcher;
  /** One answer for all that ask the same. */
  readonly #answers = new Map<string, Promise<string>>();
  readonly #asked = new Set<string>();

  private constructor(folder: string, program: string, options: QuestionsOptions) {
    this.#folder = folder;
    this.program = program;
    this.#options = options;
    this.#watcher = watch(folder, {persistent: false}, () => void this.#look());
  }

  /** Puts the program into a folder that nobody else can enter, and waits for questions there. */
  static async open(folder: string, options: QuestionsOptions): Promise<Questions> {
    const program = join(folder, 'ask');
    await writeFile(program, PROGRAM, {mode: 0o700});
    return new Questions(folder, program, options);
  }

  /** Answers nothing any more. */
  close(): void {
    this.#watcher.close();
  }

  async #look(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.question'))) {
      const file = join(this.#folder, name);
      const question = await takeText(file);
      if (question !== undefined) void this.#reply(file.replace(/question$/, 'answer'), question);
    }
  }

  async #reply(pipe: string, question: string): Promise<void> {
    const [, asker] = /\.(\d+)\.\d+\.answer$/.exec(pipe) ?? [];
    const isAgain = this.#asked.has(`${asker} ${question}`);
    this.#asked.add(`${asker} ${question}`);
    const answer = await this.#answer(question, isAgain).catch(() => '');
    await hand(pipe, answer).catch(() => {});
  }

  /** Empty when it is not for us. A question that is asked again was answered wrongly. */
  #answer(question: string, isAgain: boolean): Promise<string> {
    const {ask, password} = this.#options;
    if (/password:\s*$/i.test(question)) return Promise.resolve(isAgain ? '' : (password?.reveal() ?? ''));
    if (!/^Enter (passphrase|PIN) for /i.test(question)) return Promise.resolve('');
    const known = isAgain ? undefined : this.#answers.get(question);
    const answer = known ?? ask(question).then((secret) => secret.reveal());
    this.#answers.set(question, answer);
    return answer;
  }
}

/** Only one of those who look at the same time can take it. */
function takeText(file: string): Promise<string | undefined> {
  const taken = async (): Promise<string> => {
    const text = await readFile(file, 'utf8');
    await unlink(file);
    return text;
  };
  return taken().catch(() => undefined);
}

/** Whoever asked may have gone; then nobody reads the pipe, and opening it must not wait. */
async function hand(pipe: string, answer: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const handle = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      await handle.write(answer).finally(() => handle.close());
      return;
    } catch (error) {
      if (tries === ANSWER_TRIES || (error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      await delay(ANSWER_DELAY_MS);
    }
  }
}
