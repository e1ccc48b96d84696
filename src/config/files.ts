/** Where configuration files are looked for. */
import {existsSync} from 'node:fs';
import {dirname, isAbsolute, join, resolve} from 'node:path';

const FILE = 'ftask.yaml';

/** The administrator's file for all users of the machine. */
export function systemFile(systemDir: string): string {
  return join(systemDir, FILE);
}

/** The operator's own file. A relative XDG_CONFIG_HOME counts as not set (XDG Base Directory Specification). */
export function userFile(homeDir: string, xdgConfigHome: string | undefined): string {
  const isUsable = xdgConfigHome !== undefined && isAbsolute(xdgConfigHome);
  return join(isUsable ? xdgConfigHome : join(homeDir, '.config'), 'ftask', FILE);
}

/**
 * The project's file: `ftask.yaml` or `config/ftask.yaml` in the nearest folder upward that has one.
 * A folder with both gives both, which is for the caller to refuse.
 */
export function projectFiles(cwd: string): string[] {
  const folder = resolve(cwd);
  const files = [join(folder, FILE), join(folder, 'config', FILE)].filter((file) => existsSync(file));
  return files.length > 0 || folder === dirname(folder) ? files : projectFiles(dirname(folder));
}
