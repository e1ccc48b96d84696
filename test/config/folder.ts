/** Temporary folders with configuration files; removed when the tests of the file have ended. */
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after} from 'node:test';

const folders: string[] = [];

/** A new folder with these files (path → text). */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ftask-config-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    writeFileSync(join(folder, path), text);
  }
  folders.push(folder);
  return folder;
}

/** A new folder with nothing in it. */
export function emptyFolder(): string {
  return folderWith({});
}

after(() => {
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});
