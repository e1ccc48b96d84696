/** How many files a tree has and how large they are, as rsync counts. */
import {asRoot} from '../../disk/as-root.ts';
import {FtaskError} from '../../errors.ts';
import {argv, sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {RsyncStats} from './channel.ts';
import {NO_LIMIT} from './no-limit.ts';
import {parseStats} from './rsync/stats.ts';

/** Asks rsync on the host itself, with the options that say what belongs to the tree; reads no file. @throws FtaskError */
export async function countTree(
  host: Host,
  mountPoint: string,
  options: readonly string[],
  signal?: AbortSignal,
): Promise<RsyncStats> {
  const words = ['rsync', ...options, '--dry-run', '--stats', '--no-human-readable', '--'];
  // Nothing is made at the place it would be copied to.
  const count = sh`${argv(...words, `${mountPoint.replace(/\/$/, '')}/`, '/run/ftask-no-such-folder/')}`;
  const {stdout} = await host.run(
    asRoot(count, {
      reads: true,
      timeoutMs: NO_LIMIT,
      shownAs: `count the files of ${mountPoint}`,
      ...(signal && {signal}),
    }),
  );
  const stats = parseStats(stdout.split('\n'));
  if (stats) return stats;
  throw new FtaskError('UnknownRsync', `${host.name}: rsync does not tell how many files ${mountPoint} has`);
}
