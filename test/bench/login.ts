/** A user with a plain shell to log in as: what root's own start-up files cost is no news about any tool. */
import {execFile} from 'node:child_process';
import {userInfo} from 'node:os';
import {promisify} from 'node:util';
import {killAllOf} from '../ssh/users.ts';

const run = promisify(execFile);

export interface Login {
  readonly user: string;
  remove(): Promise<void>;
}

/** A fresh user with dash for its shell, when root makes one; else the one who runs the bench. */
export async function plainLogin(): Promise<Login> {
  if (process.getuid?.() !== 0) return {user: userInfo().username, remove: async () => {}};
  const user = `ftbench${process.pid.toString(36)}`;
  await run('useradd', ['--create-home', '--shell', '/bin/sh', user]);
  // A password that nobody knows: sshd lets no locked account in.
  await run('usermod', ['--password', '*', user]);
  return {
    user,
    remove: async () => {
      await killAllOf(user);
      await run('userdel', ['--force', '--remove', user]).catch(() => {});
    },
  };
}
