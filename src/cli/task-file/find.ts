/** Which task file is meant. */
import {statSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {UsageError} from '../../errors.ts';
import type {World} from '../world.ts';

/**
 * The file given, or the `tasks.ts` nearest upward of `cwd`; undefined means the packaged tasks.
 * @throws UsageError for a file above `cwd` that a stranger put there: loading it would run his code
 */
export function findTaskFile(
  {cwd, userId}: Pick<World, 'cwd' | 'userId'>,
  given?: string,
): string | undefined {
  if (given !== undefined) return existing(resolve(cwd, given));
  const path = nearestUpward(cwd);
  if (path !== undefined && dirname(path) !== cwd && isStrangers(path, cwd, userId)) {
    throw new UsageError('TaskFile', `${path} belongs to another user and is not run`, {
      hint: `if it is meant, name it: -f ${path}`,
    });
  }
  return path;
}

function nearestUpward(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'tasks.ts');
    if (isFile(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Trusted are the user, root, and whoever owns the folder that the user has chosen to be in. */
function isStrangers(path: string, cwd: string, userId: number | undefined): boolean {
  const trusted = [userId, 0, statSync(cwd).uid];
  return userId !== undefined && !trusted.includes(statSync(path).uid);
}

function existing(path: string): string {
  if (isFile(path)) return path;
  throw new UsageError('TaskFile', `no task file ${path}`, {hint: 'name an existing one with -f FILE'});
}

function isFile(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false;
}
