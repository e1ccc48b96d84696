/** Asking the system's ssh what a configuration means for a host: `ssh -G`. */
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {UsageError} from '../../errors.ts';
import {Places} from '../places.ts';
import type {ConfigLine} from './files/line.ts';

/** The origin of a line that ssh told; it does not say from which file. */
export const FROM_SSH = 'ssh -G';

const AT_ONCE = 8;
/** A `Match exec` may take its time. */
const TIME_LIMIT_MS = 30_000;

/** Those that hold several words; the others hold one, blanks included. */
const LISTS: ReadonlySet<string> = new Set(['userknownhostsfile', 'globalknownhostsfile']);

export interface SshQuestion {
  /** Options that say which files and settings count. */
  readonly sshArguments: readonly string[];
  readonly alias: string;
  /** Why ssh has to be asked, for the error. */
  readonly why: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Asks ssh, a few times at once at most. */
export class SshOracle {
  readonly #places = new Places(AT_ONCE);
  #defaults: Promise<ReadonlySet<string>> | undefined;

  /**
   * The lines that differ from ssh's defaults.
   * @throws UsageError when there is no ssh, or it does not take the configuration
   */
  async ask({sshArguments, alias, why, env}: SshQuestion): Promise<ConfigLine[]> {
    try {
      this.#defaults ??= this.#run(['-F', 'none', 'localhost'], env).then((lines) => new Set(lines));
      const defaults = await this.#defaults;
      const lines = await this.#run([...sshArguments, alias], env);
      return lines.filter((line) => !defaults.has(line) || /^(user|port) /.test(line)).map(toLine);
    } catch (error) {
      const {code, stderr = ''} = error as {code?: string | number; stderr?: string};
      const reason = why.join(', ');
      if (code === 'ENOENT')
        throw new UsageError(
          'NoSsh',
          `${alias}: only the program ssh can judge ${reason}, and there is none`,
          {
            hint: 'install the OpenSSH client, or say it with Host and Match host, user, localuser',
          },
        );
      const said = stderr.trim().split('\n').at(-1) || String(error);
      throw new UsageError('BadSshConfig', `${alias}: ssh was asked because of ${reason}: ${said}`, {
        cause: error,
      });
    }
  }

  async #run(words: readonly string[], env: SshQuestion['env']): Promise<string[]> {
    const leave = await this.#places.take();
    try {
      const {stdout} = await promisify(execFile)('ssh', ['-G', ...words], {env, timeout: TIME_LIMIT_MS});
      return stdout.split('\n').filter((line) => line !== '');
    } finally {
      leave();
    }
  }
}

function toLine(written: string): ConfigLine {
  const at = written.indexOf(' ');
  const keyword = written.slice(0, at);
  const rest = written.slice(at + 1);
  return {keyword, written, rest, words: LISTS.has(keyword) ? rest.split(' ') : [rest], origin: FROM_SSH};
}
