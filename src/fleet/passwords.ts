/** Passwords that the operator gives for all hosts at once, before any work starts. */
import {readPasswordFile} from '../config/password-file.ts';
import type {Config} from '../config/schema.ts';
import type {RunContext} from '../runner/task.ts';
import type {Secret} from '../secret.ts';

export interface PasswordOptions {
  readonly askPassword?: boolean;
  readonly askSudoPassword?: boolean;
}

export interface Passwords {
  /** For logging in. */
  readonly login?: Secret;
  /** For sudo; undefined when there is none. A file is read when it is first needed. @throws UsageError on a bad file */
  sudo(): Promise<Secret | undefined>;
}

/** Asks for what was said to be asked for; the rest is configuration. @throws UsageError when there is no terminal */
export async function passwords(
  {ask}: Pick<RunContext, 'ask'>,
  {sudo}: Config,
  {askPassword, askSudoPassword}: PasswordOptions,
): Promise<Passwords> {
  const login = askPassword ? await ask('password of the hosts:') : undefined;
  const typed = askSudoPassword ? await ask('sudo password of the hosts:') : sudo.password;
  let read: Promise<Secret> | undefined;
  return {
    ...(login && {login}),
    sudo: async () => {
      if (typed || sudo.password_file === undefined) return typed;
      read ??= readPasswordFile(sudo.password_file);
      return read;
    },
  };
}
