/** Which task file is meant. */
import {statSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {UsageError} from '../../errors.ts';

/** The file given, or the `tasks.ts` nearest upward of `cwd`; undefined means the packaged tasks. */
export function findTaskFile(cwd: string, given?: string): string | undefined {
  return given === undefined ? nearestUpward(cwd) : existing(resolve(cwd, given));
}

function nearestUpward(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'tasks.ts');
    if (isFile(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

function existing(path: string): string {
  if (isFile(path)) return path;
  throw new UsageError('TaskFile', `no task file ${path}`, {hint: 'name an existing one with -f FILE'});
}

function isFile(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false;
}
