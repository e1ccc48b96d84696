/** Tidying up after runs that died, before another one begins. Only who holds the lock may do that. */
import type {Host} from '../../../host/host.ts';
import {removeLeftovers, removePaths} from '../../backup/leftovers.ts';
import {restorePlaces} from '../places.ts';
import {earlierRestore, refuseUnfinished} from './earlier.ts';

/**
 * Removes what they have left, and tells how a restore ended that nobody heard the end of.
 * @throws RefusedError `RestoreUnfinished` when one has to be taken back first
 */
export async function tidyUp(host: Host, root: string, warn: (text: string) => void): Promise<void> {
  const earlier = await earlierRestore(host, root);
  if (earlier.is === 'unfinished') await refuseUnfinished(host, root);
  if (earlier.is === 'over') {
    const {about, end} = earlier.report;
    const how = end === 'restored' ? 'came to its end' : 'failed, and all was taken back';
    if (end) warn(`the restore of ${about?.snapshot} by ${about?.owner} ${how}, after its ftask was gone`);
    await removePaths(host, [restorePlaces(root).folder]);
  }
  const {removed} = await removeLeftovers(host, root);
  if (removed.length > 0) warn(`removed what a dead run left in ${root}: ${removed.join(', ')}`);
}
