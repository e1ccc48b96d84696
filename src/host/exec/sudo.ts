/** What sudo said when it let nobody through. */
import {SudoRefused} from '../failures.ts';

const HOW_TO_GIVE =
  'give a password: sudo.password_file in ftask.yaml, FTASK_SUDO_PASSWORD, or --ask-sudo-password';

export interface SudoAnswer {
  readonly host: string;
  /** All that was heard until sudo ended. */
  readonly text: string;
  /** Undefined when none was sent. */
  readonly prompt?: string | undefined;
  readonly isWrongPassword: boolean;
}

/** The reason in one line, with what the operator can do. */
export function sudoRefusal({host, text, prompt, isWrongPassword}: SudoAnswer): SudoRefused {
  if (isWrongPassword) {
    return new SudoRefused(`${host}: sudo did not take the password`, {hint: 'check the sudo password'});
  }
  const spoken = prompt === undefined ? text : text.replaceAll(prompt, '');
  if (/a (password|terminal) is required/.test(spoken)) {
    return new SudoRefused(`${host}: sudo asks for a password, and none was given`, {hint: HOW_TO_GIVE});
  }
  if (/sudo: (command )?not found/.test(spoken)) return new SudoRefused(`${host}: there is no sudo`);
  const lines = spoken.split(/\r?\n/).filter((line) => line.trim() !== '');
  const reason =
    lines.find((line) => line.startsWith('sudo:')) ?? lines.at(-1) ?? 'sudo ended without a word';
  const hint = 'give the command a terminal: --pty, or pty in a task';
  return new SudoRefused(`${host}: ${reason.trim()}`, /must have a tty/.test(reason) ? {hint} : {});
}
