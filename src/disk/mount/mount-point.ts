/** The folder that something is to be mounted at. */
import {posix} from 'node:path';
import {FtaskError, RefusedError, UsageError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';

export interface MountPoint {
  /** Without links, as the kernel will call it. */
  readonly path: string;
  /** Folders that do not exist yet, the deepest first. */
  readonly missing: readonly string[];
}

const NO_FOLDER = 67;
const NOT_EMPTY = 68;

/**
 * Looks where a mount at `path` would come to lie.
 * @throws UsageError on a path that is not absolute; FtaskError `NoFolder`; RefusedError when it would hide files
 */
export async function lookAtMountPoint(host: Host, path: string): Promise<MountPoint> {
  if (!path.startsWith('/') || /\p{Cc}/u.test(path))
    throw new UsageError('BadMountPoint', `${JSON.stringify(path)} is no mount point: give an absolute path`);
  const wanted = posix.resolve(path);
  const {code, stdout} = await host.run(
    asRoot(sh`at=${wanted}
while [ ! -e "$at" ] && [ ! -L "$at" ]; do at=$(dirname -- "$at"); done
[ -d "$at" ] || exit ${NO_FOLDER}
[ "$at" != ${wanted} ] || [ -z "$(ls -A -- "$at")" ] || exit ${NOT_EMPTY}
printf '%s\n' "$at"; readlink -f -- "$at"`),
    {reads: true, accept: [0, NO_FOLDER, NOT_EMPTY], shownAs: `look at ${wanted}`},
  );
  if (code === NO_FOLDER)
    throw new FtaskError('NoFolder', `${host.name}: ${wanted} is no mount point: what is there is no folder`);
  if (code === NOT_EMPTY) {
    throw new RefusedError('MountPointNotEmpty', `${host.name}: ${wanted} is not empty`, {
      hint: 'a mount would hide what is in it; name an empty or a new folder',
    });
  }
  const [present = '/', real = '/'] = stdout.split('\n');
  const names = posix
    .relative(present, wanted)
    .split('/')
    .filter((name) => name !== '');
  const missing = names.map((_, index) => posix.join(real, ...names.slice(0, index + 1)));
  return {path: posix.join(real, ...names), missing: missing.reverse()};
}
