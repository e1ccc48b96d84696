/** All that a small Linux has: programs of this machine with their libraries, and what is written for it. */
import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {copyFile, mkdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';

const execute = promisify(execFile);

/** Folders of / that are links into /usr. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

export interface SmallLinux {
  /** Programs and other files of this machine, with all libraries that they are linked to. */
  readonly programs: readonly string[];
  /** Files from elsewhere: where they come to lie, and where they are. */
  readonly copies: Readonly<Record<string, string>>;
  /** Contents by path. Those of programs may be run. */
  readonly texts: Readonly<Record<string, {readonly content: string; readonly mode?: number}>>;
}

/** Packs it under `folder`, and returns the path of the archive. */
export async function makeInitramfs(folder: string, {programs, copies, texts}: SmallLinux): Promise<string> {
  const root = join(folder, 'root');
  await mkdir(root);
  for (const name of MERGED) await symlink(`usr/${name}`, join(root, name));
  const place = async (path: string): Promise<string> => {
    const merged = MERGED.some((name) => path.startsWith(`/${name}/`)) ? `/usr${path}` : path;
    await mkdir(dirname(join(root, merged)), {recursive: true});
    return join(root, merged);
  };
  const add = async (path: string, from: string) =>
    copyFile(from, await place(path), constants.COPYFILE_FICLONE);
  const needed = new Set([...programs, ...(await Promise.all(programs.map(librariesOf))).flat()]);
  for (const path of needed) await add(path, path);
  for (const [path, from] of Object.entries(copies)) await add(path, from);
  for (const [path, {content, mode = 0o644}] of Object.entries(texts)) {
    await writeFile(await place(path), content, {mode});
  }
  const archive = join(folder, 'initramfs');
  const pack = `cd "$1" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null > "$2"`;
  await execute('sh', ['-c', pack, 'sh', root, archive]);
  return archive;
}

async function librariesOf(program: string): Promise<string[]> {
  const {stdout} = await execute('ldd', [program]).catch(() => ({stdout: ''}));
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
