/** The way through the controller: ftask carries the bytes between two rsyncs that know nothing of each other. */
import type {Readable, Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {asRoot} from '../../../disk/as-root.ts';
import {argv, sh} from '../../../host/command.ts';
import type {Running} from '../../../host/host.ts';
import type {Result} from '../../../host/result.ts';
import type {RsyncChannel, RsyncRequest, RsyncResult} from '../channel.ts';
import {NO_LIMIT} from '../no-limit.ts';
import {rsyncFailure} from '../rsync/failure.ts';
import {RsyncOutput} from '../rsync/output.ts';
import {clientWords, serverCommand} from '../rsync/server-command.ts';

/** Needs of both hosts only that we log in to them. */
export const relayedChannel: RsyncChannel = {
  run: async (source, target, rsync): Promise<RsyncResult> => {
    const {reads = false} = rsync;
    const server = await serverCommand(source.host, rsync);
    const manner = {reads, accept: 'any', timeoutMs: NO_LIMIT} as const;
    const output = new RsyncOutput(rsync.onProgress);
    const [far, near] = await openBoth(
      () => target.host.stream(asRoot(server, {...manner, shownAs: `rsync --server into ${rsync.to}`})),
      () => source.host.stream(asRoot(clientScript(rsync), {...manner, shownAs: `rsync of ${rsync.from}`})),
    );
    const said = [output.read(near.stderr), output.read(far.stderr)];
    const carried = [carry(near.stdout, far.stdin), carry(far.stdout, near.stdin)];
    const {code, signal} = await resultOfBoth(near, far);
    await Promise.all([...said, ...carried]);
    const {stats, changes, changed, complaints, hasBegun} = output;
    if (code === null || !stats || !rsync.accept.includes(code))
      throw rsyncFailure(source, target, {code, signal, complaints, hasBegun});
    return {code, stats, changes, changed, remarks: complaints};
  },
};

/**
 * rsync's remote shell: it hands over its two streams to ours, 3 and 4. As ssh does it ends with what comes from the other
 * side, and each copier lets go of the stream that is not its own, so that the end of one side is seen on the other.
 */
const HAND_OVER = `sh -c 'exec 5<&0 0<&3 3<&- 2>/dev/null; cat <&5 5<&- >&4 4>&- & exec cat 4>&- 5<&-'`;

function clientScript(rsync: RsyncRequest) {
  return sh`exec 3<&0 4>&1 1>&2 0</dev/null
${argv(...clientWords(rsync, HAND_OVER))}`;
}

async function openBoth(
  openFar: () => Promise<Running>,
  openNear: () => Promise<Running>,
): Promise<readonly [Running, Running]> {
  const far = await openFar();
  try {
    return [far, await openNear()];
  } catch (error) {
    await far.end();
    throw error;
  }
}

/** A side that has ended has said so in its result. */
async function carry(from: Readable, to: Writable): Promise<void> {
  await pipeline(from, to).catch(() => {});
}

/** Of the client; that of the server, which a remote shell would pass on, when only the server tells of files that it could not write. */
async function resultOfBoth(near: Running, far: Running): Promise<Result> {
  try {
    const [client, server] = await Promise.all([near.result, far.result]);
    return client.code === 0 ? server : client;
  } catch (error) {
    await Promise.all([near.end(), far.end()]);
    throw error;
  }
}
