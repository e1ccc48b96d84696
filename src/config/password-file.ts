/** A file that holds a password. */
import {readFile, stat} from 'node:fs/promises';
import {UsageError} from '../errors.ts';
import {Secret} from '../secret.ts';

const OTHERS = 0o077;

/**
 * The first line of the file that `key` of the configuration names.
 * @throws UsageError when it cannot be read, is empty, or can be read by others than its owner
 */
export async function readPasswordFile(file: string, key = 'sudo.password_file'): Promise<Secret> {
  const problem = (why: string, hint?: string) =>
    new UsageError('BadPasswordFile', `${key}: ${file} ${why}`, hint === undefined ? {} : {hint});
  try {
    const {mode} = await stat(file);
    if (mode & OTHERS) throw problem('can be read or changed by other users', `chmod 600 ${file}`);
    const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1);
    if (line === '') throw problem('has no password in its first line');
    return new Secret(line);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw problem(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
