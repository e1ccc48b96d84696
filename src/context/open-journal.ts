/** The journal of a run, where the configuration says or where the system keeps such files. */
import {isAbsolute, join, resolve} from 'node:path';
import type {CloseLater} from '../closers.ts';
import type {Surroundings} from '../config/load.ts';
import type {Config} from '../config/schema.ts';
import {type Journal, openJournal} from '../journal/journal.ts';
import type {LabPlace} from './open-ec2.ts';

/** Returns what opens the journal when it is first called, and then gives the same one. */
export function journalOpener(file: string, closeLater: CloseLater): () => Promise<Journal> {
  let opened: Promise<Journal> | undefined;
  return () => {
    opened ??= openJournal(file).then((journal) => {
      closeLater(() => journal.close());
      return journal;
    });
    return opened;
  };
}

/** For a dry run, in which nothing happens that could be told of. */
export async function noJournal(): Promise<Journal> {
  return {append: async () => {}, close: async () => {}};
}

/**
 * Its full path. A lab has its own, beside its state: nothing that was only tried stands among what was done. A relative
 * XDG_STATE_HOME counts as not set (XDG Base Directory Specification).
 */
export function journalFile(
  {journal}: Config,
  {cwd, env, homeDir}: Surroundings,
  lab: LabPlace | undefined,
): string {
  if (journal.file !== undefined) return resolve(cwd, journal.file);
  if (lab) return join(lab.stateDir, 'journal.jsonl');
  const xdg = env['XDG_STATE_HOME'];
  const stateHome = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDir, '.local', 'state');
  return join(stateHome, 'ftask', 'journal.jsonl');
}
