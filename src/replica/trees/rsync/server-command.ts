/** Which command rsync wants to run on the other host. */

import {asRoot} from '../../../disk/as-root.ts';
import {FtaskError} from '../../../errors.ts';
import {argv, type Command, sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {RsyncRequest} from '../channel.ts';
import {OUTPUT_OPTIONS} from './output.ts';

/** The host as ssh on the source knows it, and where a path has to stand; which is meant is said elsewhere. */
export const DESTINATION = 'ftask-destination';
const PATH = 'ftask-path';
const ELSEWHERE = `${DESTINATION}:${PATH}`;

/** The words of rsync on the source; its remote shell is the one of RSYNC_RSH, or the one given here. */
export function clientWords({args, from}: RsyncRequest, remoteShell?: string): readonly string[] {
  // With secluded arguments the other side would be told its options later, by whoever is in command here.
  const options = [...args, '--no-protect-args', ...OUTPUT_OPTIONS];
  const shell = remoteShell === undefined ? [] : ['-e', remoteShell];
  return ['rsync', ...options, ...shell, '--', from, ELSEWHERE];
}

/** A remote shell that connects to nothing and only prints what it is told to run. */
const PRINTER = `sh -c 'shift; printf "%s\\n" "$@" >&9' printer`;
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * Asks rsync on the source what it would run on the other side, and puts the path that is meant in: all versions
 * differ in it. Nothing is connected. @throws FtaskError `UnknownRsync`
 */
export async function serverCommand(source: Host, rsync: RsyncRequest): Promise<Command> {
  const client = clientWords(rsync, PRINTER);
  const ask = sh`{ ${argv(...client)}; } 9>&1 >/dev/null 2>&1`;
  const {stdout} = await source.run(asRoot(ask), {
    reads: true,
    accept: 'any',
    shownAs: 'ask rsync how it talks to another',
  });
  const [program, mode, ...words] = stdout.trimEnd().split('\n');
  const isUnderstood =
    program === 'rsync' &&
    mode === '--server' &&
    words.at(-1) === PATH &&
    words.at(-2) === '.' &&
    words.every((word) => PLAIN_WORD.test(word));
  if (!isUnderstood) {
    throw new FtaskError(
      'UnknownRsync',
      `${source.name}: this rsync would start the other side in a manner that ftask does not know: ${JSON.stringify(stdout.trim())}`,
    );
  }
  return argv('rsync', '--server', ...words.slice(0, -1), rsync.to);
}
