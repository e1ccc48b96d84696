/** Modules of a kernel that is not this machine's, in the order in which they can be loaded. */
import {readdirSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';

/** Paths of these modules and all that they need, each after what it needs. What the kernel has built in is left out. */
export function modulesInOrder(folder: string, names: readonly string[]): string[] {
  const files = new Map(
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((file) => file.endsWith('.ko'))
      .map((file) => [plain(basename(file, '.ko')), join(folder, file)]),
  );
  const ordered = new Set<string>();
  const add = (name: string): void => {
    const file = files.get(plain(name));
    if (file === undefined) return;
    needsOf(file).forEach(add);
    ordered.add(file);
  };
  names.forEach(add);
  return [...ordered];
}

/** Names of files and names within modules take the dash and the underscore for the same. */
function plain(name: string): string {
  return name.replaceAll('-', '_');
}

/** The section .modinfo of a module is text with a zero byte after each entry. */
function needsOf(file: string): string[] {
  const [, names = ''] = /\0depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1')) ?? [];
  return names.split(',').filter((name) => name !== '');
}
