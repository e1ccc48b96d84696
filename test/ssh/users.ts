/** Users of the test's own on this machine: made for a suite, removed at its end. Needs root and sudo. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {rm, writeFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import {atEnd} from './at-end.ts';
import {notRoot} from './sshd.ts';

const run = promisify(execFile);

/** Why sudo cannot be tried here. */
export const noSudo: string | false =
  notRoot ||
  (existsSync('/usr/bin/sudo') && existsSync('/usr/sbin/useradd') ? false : 'needs sudo and useradd');

export interface TestUser {
  readonly name: string;
  readonly password: string;
  readonly home: string;
}

export interface UserOptions {
  /** What follows `NAME ` in sudoers, such as `ALL=(ALL) NOPASSWD: ALL`; no sudo without it. */
  readonly sudoers?: string;
  /** `Defaults:NAME ...` lines of sudoers, such as `use_pty`. */
  readonly defaults?: readonly string[];
  readonly shell?: string;
}

let count = 0;

/** Makes a user with a home and a random password, until the end of the test file. */
export async function makeUser({
  sudoers,
  defaults = [],
  shell = '/bin/bash',
}: UserOptions = {}): Promise<TestUser> {
  count += 1;
  const name = `ft${process.pid.toString(36)}x${count}`;
  const password = `pw ${Math.random().toString(36).slice(2)}'"$x`;
  const home = `/home/${name}`;
  const sudoersFile = `/etc/sudoers.d/${name}`;
  atEnd(async () => {
    await rm(sudoersFile, {force: true});
    await killAllOf(name);
    await run('userdel', ['--force', '--remove', name]).catch(() => {});
  });
  await run('useradd', ['--create-home', '--home-dir', home, '--shell', shell, name]);
  const setting = run('chpasswd', []);
  setting.child.stdin?.end(`${name}:${password}\n`);
  await setting;
  if (sudoers !== undefined) {
    const lines = [...defaults.map((line) => `Defaults:${name} ${line}`), `${name} ${sudoers}`, ''];
    await writeFile(sudoersFile, lines.join('\n'), {mode: 0o440});
    await run('visudo', ['-c', '-q', '-f', sudoersFile]);
  }
  return {name, password, home};
}

/** In our own namespace only: an instance of a lab has users of the same number. */
export async function killAllOf(user: string): Promise<void> {
  const own = ['--ns', String(process.pid), '--nslist', 'pid'];
  await run('pkill', ['-KILL', ...own, '-u', user]).catch(() => {});
}
