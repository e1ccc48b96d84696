/** Files on this machine for transfers, and a look at what became of them. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after} from 'node:test';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** A folder of the test's own, with an odd name, until the end of the test file. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ftask 'files'-")));
  folders.push(folder);
  return folder;
}

/** Everything in a folder, temporary things too, sorted. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

/** What `script` prints in the folder. */
export function inFolder(folder: string, script: string): string {
  return execFileSync('sh', ['-c', script], {cwd: folder, encoding: 'latin1'});
}

/** All that a folder holds: names of any bytes, kinds, modes, times, links and content. */
export function treeOf(folder: string): string {
  return inFolder(
    folder,
    'find . -printf "%P %y %m %l %T@ %n\\\\n" | sed "s/\\\\.[0-9]*\\\\( [0-9]*\\\\)$/\\\\1/" | sort; find . -type f -exec sha256sum {} + | sort',
  );
}
