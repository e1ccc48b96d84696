/** What ssh on the source said of the destination, in words of the operator's. */
import {FtaskError} from '../../../errors.ts';
import {ConnectionLost, HostKeyRejected, HostUnreachable} from '../../../host/failures.ts';
import type {End, Reach} from '../channel.ts';
import type {Ended} from '../rsync/failure.ts';

/** Of ssh(1), which then says why; and when a signal ended the other side. */
const SSH_FAILED = 255;
const LET_FTASK_CARRY_IT = 'Let the data go through ftask: --through-controller.';

/** Undefined when it was not the connection that failed. */
export function connectionFailure(
  source: End,
  target: End,
  {address, port}: Reach,
  {code, complaints, hasBegun}: Ended,
): FtaskError | undefined {
  const [from, to, where] = [source.host.name, target.host.name, `${address} port ${port}`];
  const saying = (pattern: RegExp): string | undefined => complaints.find((line) => pattern.test(line));
  if (saying(/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/)) {
    return new HostKeyRejected(
      `what answers ${from} at ${where} is not ${to}: it has another host key, so nothing was sent`,
      {hint: `Does ${from} reach ${to} at another address? ${LET_FTASK_CARRY_IT}`},
    );
  }
  const refused = saying(/Permission denied \(/);
  if (refused !== undefined) {
    return new FtaskError('LoginRefused', `${to} does not let ${from} in at ${where}: ${refused}`, {
      hint: `Its sshd must take keys of ~/.ssh/authorized_keys, and see an address of ${from} itself. ${LET_FTASK_CARRY_IT}`,
    });
  }
  const why = saying(
    /^(ssh: |kex_exchange|Timeout, server )|^Connection (closed|reset|timed out)|Connection to .* closed by/,
  );
  if (why !== undefined && hasBegun) {
    return new ConnectionLost(`${from} lost ${to} at ${where} in the middle of the copy: ${why}`, {
      hint: 'Do it again: what has arrived is not sent twice.',
    });
  }
  if (why === undefined && (hasBegun || code !== SSH_FAILED)) return undefined;
  return new HostUnreachable(`${from} does not reach ${to} at ${where}: ${why ?? 'ssh gave up'}`, {
    hint: `Open that port to ${from}. ${LET_FTASK_CARRY_IT}`,
  });
}
