/** The hosts that the user's ssh files name, for completion. Nothing is judged here. */
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type ConfigFile, readConfigFile} from './files/read.ts';

export interface HostNameFiles {
  readonly homeDir: string;
  /** Whose files are trusted beside root's. */
  readonly uid: number;
}

/** Each name once, sorted: of `Host` lines without wildcards, and of known_hosts lines that are not hashed. */
export async function sshHostNames({homeDir, uid}: HostNameFiles): Promise<string[]> {
  const folder = join(homeDir, '.ssh');
  const config = await readConfigFile(join(folder, 'config'), {
    includeFolder: folder,
    homeDir,
    uid,
    isPrivate: true,
  }).catch(() => undefined);
  const known = await readFile(join(folder, 'known_hosts'), 'utf8').catch(() => '');
  const names = [...(config ? configNames(config) : []), ...known.split('\n').flatMap(knownNames)];
  return [...new Set(names)].filter((name) => !/[*?!|]/.test(name)).sort();
}

function configNames({entries}: ConfigFile): string[] {
  return entries.flatMap(({keyword, words, included = []}) =>
    keyword === 'host' ? words : included.flatMap(configNames),
  );
}

/** `[host]:port` becomes `host:port`, as -H takes it. */
function knownNames(line: string): string[] {
  const words = line.trim().split(/\s+/);
  const names = words[0]?.startsWith('@') || words[0]?.startsWith('#') ? '' : (words[0] ?? '');
  return names
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^\[([^\]:]*)\]:(\d+)$/, '$1:$2'));
}
