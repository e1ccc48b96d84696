/** What went wrong with an rsync between two hosts, in words of the operator's. */
import {FtaskError} from '../../../errors.ts';
import {HostKeyRejected, HostUnreachable} from '../../../host/failures.ts';
import type {End} from '../channel.ts';

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly complaints: readonly string[];
}

/** Exit codes of rsync(1). */
export const VANISHED = 24;
const FILE_IO = 11;
const SHOWN_COMPLAINTS = 10;

const LET_FTASK_CARRY_IT = 'Let the data go through ftask: --through-controller.';

/** The error for an end that is not accepted. */
export function rsyncFailure(source: End, target: End, ended: Ended): FtaskError {
  const text = ended.complaints.join('\n');
  const hosts = `${source.host.name} to ${target.host.name}`;
  const last = lastComplaints(ended.complaints);
  const connecting = connectionFailure(source, target, text);
  if (connecting) return connecting;
  if (/No space left on device|Disk quota exceeded/.test(text)) {
    return new FtaskError(
      'NoSpace',
      `${hosts}: the destination is full, so the copy is not complete${last}`,
      {
        hint: 'Make room there or enlarge the filesystem, then do it again: what has arrived is not sent twice.',
      },
    );
  }
  if (/Read-only file system/.test(text))
    return new FtaskError('ReadOnly', `${hosts}: the destination has become read-only${last}`);
  if (ended.code === VANISHED) {
    return new FtaskError('FilesVanished', `${hosts}: files vanished while they were copied${last}`, {
      hint: 'Copy from a snapshot, or say that they may: --allow-vanished.',
    });
  }
  const how = ended.signal === null ? `exit code ${ended.code}` : `ended by signal ${ended.signal}`;
  const hint = ended.code === FILE_IO ? 'Look at the disk and at the kernel log of the host.' : undefined;
  return new FtaskError(
    'RsyncFailed',
    `${hosts}: rsync did not complete (${how})${last}`,
    hint === undefined ? {} : {hint},
  );
}

/** What ssh on the source said of the destination; nothing when it got there. */
function connectionFailure(source: End, target: End, text: string): FtaskError | undefined {
  const [from, to] = [source.host.name, target.host.name];
  const where = target.reach && `${target.reach.address} port ${target.reach.port}`;
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(text)) {
    return new HostKeyRejected(
      `what answers ${from} at ${where} is not ${to}: it has another host key, so nothing was sent`,
      {hint: `Does ${from} reach ${to} at another address? ${LET_FTASK_CARRY_IT}`},
    );
  }
  const refused = /^.*Permission denied \(.*$/m.exec(text)?.[0];
  if (refused !== undefined) {
    return new FtaskError('LoginRefused', `${to} does not let ${from} in at ${where}: ${refused}`, {
      hint: `Its sshd must take keys of ~/.ssh/authorized_keys, and see an address of ${from} itself. ${LET_FTASK_CARRY_IT}`,
    });
  }
  const unreached = /^(ssh: .*|.*(Connection (closed|reset)|kex_exchange).*)$/m.exec(text)?.[0];
  if (unreached === undefined || !/received so far|code 255/.test(text)) return undefined;
  if (!/\(0 bytes received so far\)|code 255/.test(text)) return undefined;
  return new HostUnreachable(`${from} does not reach ${to} at ${where}: ${unreached}`, {
    hint: `Open that port to ${from}. ${LET_FTASK_CARRY_IT}`,
  });
}

function lastComplaints(complaints: readonly string[]): string {
  return complaints
    .slice(-SHOWN_COMPLAINTS)
    .map((line) => `\n  ${line}`)
    .join('');
}
