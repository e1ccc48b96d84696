/** Unmounting what lies on a disk that is about to be taken away. */
import {FtaskError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Undo} from '../../runner/undo.ts';
import {asRoot} from '../as-root.ts';

/** Goes the way back of a mount; when that fails, says so, and takes the mount out of sight: it must not outlive its disk. */
export async function letGo(
  host: Host,
  mountPoint: string,
  undo: Undo,
  warn: (text: string) => void,
): Promise<void> {
  try {
    await undo.run();
  } catch (error) {
    if (!(error instanceof FtaskError)) throw error;
    warn(`${error.message}; its disk is taken away nevertheless`);
    const lazily = asRoot(sh`umount -l ${mountPoint}; rmdir ${mountPoint}`, {undoes: true, accept: 'any'});
    await host.run(lazily).catch((problem: Error) => warn(problem.message));
  }
}
