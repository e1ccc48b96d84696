/** Makes the image that an instance's root disk is a copy of. */
import {existsSync} from 'node:fs';
import {chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {run} from '../../run.ts';
import {ROOT_COPIES, ROOT_LINKS, type RootFile, rootFiles} from './root-files.ts';
import {usrLinks} from './usr-links.ts';

/**
 * Writes an ext4 filesystem of `mib` MiB with a small Debian on it into a file, a sparse one. It holds nothing of
 * this machine but which alternatives and libraries its `/usr` has.
 */
export async function makeRootImage(file: string, mib: number): Promise<void> {
  const root = await mkdtemp(join(dirname(file), 'root-'));
  try {
    await chmod(root, 0o755);
    for (const entry of rootFiles()) await writeEntry(root, entry);
    for (const [path, target] of [...ROOT_LINKS, ...(await usrLinks())])
      await symlink(target, join(root, path));
    await copyFromMachine(root);
    await rm(file, {force: true});
    await run(['mkfs.ext4', '-q', '-F', '-L', 'cloudimg-rootfs', '-d', root, file, `${mib}M`]);
  } finally {
    await rm(root, {recursive: true});
  }
}

async function writeEntry(root: string, {path, content, mode, owner = 0}: RootFile): Promise<void> {
  const target = join(root, path);
  if (content === undefined) {
    await mkdir(target, {recursive: true});
  } else {
    await mkdir(dirname(target), {recursive: true});
    await writeFile(target, content);
  }
  // Whatever umask the keeper has.
  await chmod(target, mode ?? (content === undefined ? 0o755 : 0o644));
  await chown(target, owner, owner);
}

async function copyFromMachine(root: string): Promise<void> {
  const paths = ROOT_COPIES.map((path) => `/${path}`).filter((path) => existsSync(path));
  await run(['cp', '-a', ...paths, join(root, 'etc')]);
}
