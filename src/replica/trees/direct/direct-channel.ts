/** The direct way: the source logs in to the destination, with a key that lives in memory and may do one thing. */
import {randomBytes} from 'node:crypto';
import {FtaskError} from '../../../errors.ts';
import type {Running} from '../../../host/host.ts';
import type {Undo} from '../../../runner/undo.ts';
import type {CopyTools, End, Reach, RsyncChannel, RsyncResult} from '../channel.ts';
import {NO_LIMIT} from '../no-limit.ts';
import {rsyncFailure} from '../rsync/failure.ts';
import {RsyncOutput} from '../rsync/output.ts';
import {serverCommand} from '../rsync/server-command.ts';
import {admit} from './admission.ts';
import {type ClientRequest, clientScript, NO_AGENT} from './client-script.ts';
import {connectionFailure} from './connection-failure.ts';
import {hostKeysOf} from './host-keys.ts';
import {noDirectWay} from './no-direct-way.ts';
import {addressesOf} from './own-addresses.ts';

/** Needs ssh on the source, a way from there to the destination's sshd, and sudo without a password there. */
export function directChannel(tools: CopyTools): RsyncChannel {
  return {
    run: async (source, target, rsync) => {
      const {reach} = target;
      if (!reach) throw noDirectWay(target.host, 'where it is found is not known');
      const [server, from, hostKeys] = await Promise.all([
        serverCommand(source.host, rsync),
        addressesOf(source, target),
        hostKeysOf(target.host),
      ]);
      const name = `ftask-${tools.run.runId}-${randomBytes(4).toString('hex')}`;
      const {privateKey, publicKey} = tools.keyPair(name);
      const admitted = await admit(tools, target.host, {
        name,
        from,
        publicKey: publicKey.split(' ', 2).join(' '),
        command: server,
      });
      try {
        const key = privateKey.reveal();
        const keyLines = key.split('\n').length - 1;
        return await runClient(source, target, {rsync, reach, hostKeys, keyLines, key});
      } finally {
        await dismiss(tools, target, admitted);
      }
    },
  };
}

interface Started extends ClientRequest {
  readonly key: string;
}

async function runClient(source: End, target: End, {key, ...request}: Started): Promise<RsyncResult> {
  const {rsync} = request;
  const client = await source.host.stream(clientScript(request), {
    accept: 'any',
    timeoutMs: NO_LIMIT,
    shownAs: `rsync of ${rsync.from} to ${nameOf(target, request.reach)}`,
  });
  client.stdin.write(key);
  const output = new RsyncOutput(rsync.onProgress);
  const {code, signal} = await resultOf(client, output);
  const {stats, changes, changed, complaints, hasBegun} = output;
  if (code === NO_AGENT || complaints.some((line) => /(ssh-agent|ssh-add): not found/.test(line)))
    throw noAgent(source, complaints);
  if (code !== null && stats && rsync.accept.includes(code))
    return {code, stats, changes, changed, remarks: complaints};
  const ended = {code, signal, complaints, hasBegun};
  throw connectionFailure(source, target, request.reach, ended) ?? rsyncFailure(source, target, ended);
}

async function resultOf(client: Running, output: RsyncOutput) {
  const [result] = await Promise.all([client.result, output.read(client.stdout), output.read(client.stderr)]);
  return result;
}

/** What cannot be taken back is void in minutes; it must not hide how the copy went. */
async function dismiss({run}: CopyTools, {host}: End, admitted: Undo): Promise<void> {
  await admitted.run().catch((error: Error) => {
    run.progress.warn(
      `${host.name}: a line is left in authorized_keys; it lets nobody in after five minutes (${error.message})`,
    );
  });
}

function nameOf({host}: End, {user, address, port}: Reach): string {
  return `${host.name} at ${user}@${address}:${port}`;
}

function noAgent({host}: End, complaints: readonly string[]): FtaskError {
  return new FtaskError('NoAgent', `${host.name}: no ssh-agent takes the key: ${complaints.join(' ')}`, {
    hint: 'It needs ssh, ssh-agent and ssh-add (openssh-client). Without: --through-controller.',
  });
}
