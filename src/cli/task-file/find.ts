/** Which task file is meant. */
import {existsSync, statSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {UsageError} from '../../errors.ts';

/** The file given, or the `tasks.ts` nearest upward of `cwd`; undefined means the packaged tasks. */
export function findTaskFile(cwd: string, given?: string): string | undefined {
  return given === undefined ? nearestUpward(cwd) : existing(resolve(cwd, given));
}

function nearestUpward(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'tasks.ts');
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

function existing(path: string): string {
  if (statSync(path, {throwIfNoEntry: false})?.isFile()) return path;
  throw new UsageError('TaskFile', `no task file ${path}`, {hint: 'name an existing one with -f FILE'});
}
