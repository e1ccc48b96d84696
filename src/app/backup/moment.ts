/** The moment that a snapshot is named by: no two have one, neither on the host nor here. */
import {setTimeout as delay} from 'node:timers/promises';
import {sh} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import type {Application} from '../application.ts';
import {snapshotName} from '../snapshot/name.ts';
import {type ReceivedFile, receivedFile} from './archive/received-file.ts';
import {archiveName} from './archive/script.ts';
import {looking} from './site.ts';

export interface Moment {
  readonly ms: number;
  /** Of the snapshot. */
  readonly name: string;
  /** What its archive will be brought to; nobody else has a file of this name. Discard it in the end. */
  readonly file?: ReceivedFile;
}

/**
 * The first free moment from `ms` on; names know seconds, so a second backup waits for the next one. Only who holds the
 * lock may call it. @throws TransferFailed when the local folder cannot be written
 */
export async function claimMoment(
  host: Host,
  {root, prefix, archive, fetch}: Application,
  ms: number,
  {now, signal}: {readonly now: () => number; readonly signal: AbortSignal},
): Promise<Moment> {
  const {stdout} = await host.run(looking(sh`ls -A -- ${root}`.text, {signal, shownAs: `list ${root}`}));
  const names = stdout.split('\n');
  for (let at = ms; ; at = nextSecond(at)) {
    const name = snapshotName(prefix, at);
    if (names.some((one) => one === name || one.startsWith(`${name}.`))) continue;
    // The clock may have been set back meanwhile.
    await delay(Math.min(SECOND_MS, Math.max(0, at - now())), undefined, {signal}).catch(() =>
      signal.throwIfAborted(),
    );
    if (!archive || !fetch) return {ms: at, name};
    const file = await receivedFile(fetch.dir, archiveName(name, archive));
    if (file) return {ms: at, name, file};
  }
}

const SECOND_MS = 1000;

function nextSecond(ms: number): number {
  return (Math.floor(ms / SECOND_MS) + 1) * SECOND_MS;
}
