/** Method `copy`: AWS itself copies the blocks, and ftask sees to it that what comes of it is a replica. */
import type {Region, SnapshotId} from '../../ec2/ids.ts';
import {checkKey} from '../key.ts';
import type {Method} from '../method.ts';
import {refuseUnreadable} from '../verify/may-compare.ts';
import {Canary} from './canary.ts';
import {CopyQueue} from './copy-queue.ts';
import {makeCopy} from './make-copy.ts';
import type {CopySite, CopyTools, CopyWish} from './site.ts';

/** Locked and looked for while the copies before them are under way, so that no place stays free for that. */
const AHEAD = 4;

/** Copies by CopySnapshot. Nothing is asked of AWS before the first one. */
export function copyMethod(tools: CopyTools, wish: CopyWish): Method {
  const sites = new Map<Region, Promise<CopySite>>();
  const siteOf = (to: Region): Promise<CopySite> => {
    const known = sites.get(to);
    if (known) return known;
    const opening = openSite(tools, wish, to);
    sites.set(to, opening);
    return opening;
  };
  return {
    name: 'copy',
    concurrency: wish.copiesPerRegion + AHEAD,
    compares: wish.verifyPercent > 0,
    prepare: async (to, first) => {
      await siteOf(to);
      if (wish.verifyPercent > 0) await refuseUnreadable(tools.ec2, first, to, tools.run.signal);
    },
    make: async (order) => makeCopy(await siteOf(order.to), order),
    close: async () => {},
  };
}

/** @throws FtaskError when its key cannot be used */
async function openSite({run, ec2, journal}: CopyTools, wish: CopyWish, to: Region): Promise<CopySite> {
  const {signal, progress} = run;
  const kmsKey = wish.kmsKeys[to];
  const isProved = kmsKey === undefined || (await checkKey({ec2, run}, to, kmsKey));
  const queue = new CopyQueue(ec2, to, {
    limit: wish.copiesPerRegion,
    intervalMs: wish.pollIntervalMs,
    timeoutMs: wish.timeoutMs,
    signal,
    note: (text) => progress.note(text),
  });
  let isTold = false;
  const onLate = (source: SnapshotId): void => {
    if (!isTold)
      progress.warn(`${to}: ${source} cannot meet the RPO any more; as others, it is copied in 15 minutes`);
    isTold = true;
  };
  return {
    run,
    ec2,
    journal,
    wish,
    to,
    queue,
    onLate,
    ...(kmsKey !== undefined && {kmsKey}),
    ...(!isProved && {canary: new Canary(ec2.clock, signal)}),
  };
}
