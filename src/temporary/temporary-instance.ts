/** A temporary instance that can be logged in to, and by nobody but us until we let somebody in. */
import {ownAddress} from '../ec2/scratch/own-address.ts';
import type {Scratch, ScratchInstance} from '../ec2/scratch/scratch.ts';
import {addressOf} from '../ec2/tagged-hosts.ts';
import {sh} from '../host/command.ts';
import {AuthenticationFailed, ConnectionLost, HostUnreachable} from '../host/failures.ts';
import type {Host} from '../host/host.ts';
import {Secret} from '../secret.ts';
import type {ReachedHost, TemporaryTools} from './temporary-tools.ts';

export interface TemporaryInstance extends ReachedHost, Pick<ScratchInstance, 'id' | 'zone'> {
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
}

/** Booting, and cloud-init after it. */
const LOGIN_TIMEOUT_MS = 5 * 60_000;
const LOGIN_INTERVAL_MS = 2000;

/** Starts it and waits until it lets us in. It is known by a host key that we have made, from the first connection on. */
export async function startTemporaryInstance(
  tools: TemporaryTools,
  scratch: Scratch,
  say: (text: string) => void,
): Promise<TemporaryInstance> {
  const {ec2, run, temporary} = tools;
  const {user, type, image, subnet} = temporary;
  const [login, hostKey] = [tools.keyPair(`ftask ${run.runId}`), tools.keyPair(`ftask host ${run.runId}`)];
  const openTo = temporary.openTo.length > 0 ? temporary.openTo : [await ownAddress(ec2, run.signal)];
  const instance = await scratch.instance({
    publicKey: login.publicKey,
    userData: cloudConfig(hostKey),
    type,
    openTo,
    ...(image !== undefined && {image}),
    ...(subnet !== undefined && {subnet}),
  });
  const {id, zone} = instance;
  const address = addressOf({...instance, region: scratch.region}, 'auto');
  const access = {name: id, address, user, privateKey: login.privateKey, hostKey: hostKey.publicKey};
  const host = tools.temporaryHost(access);
  say(`waiting for ${id} to let us in`);
  await untilReached(host, run);
  return {id, zone, host, login: `${user}@${address}`, hostKey: hostKey.publicKey};
}

/** Lets the owner of a public key in. */
export async function authorise(host: Host, publicKey: string): Promise<void> {
  await host.run(sh`umask 077 && mkdir -p .ssh && cat >> .ssh/authorized_keys`, {
    stdin: `\n${publicKey.trim()}\n`,
    shownAs: 'add a key to authorized_keys',
  });
}

/** The host key of the instance itself: https://cloudinit.readthedocs.io/en/latest/reference/modules.html#ssh */
function cloudConfig({
  privateKey,
  publicKey,
}: {
  readonly privateKey: Secret;
  readonly publicKey: string;
}): Secret {
  const indented = privateKey.reveal().trim().replaceAll(/^/gm, '    ');
  return new Secret(`#cloud-config
ssh_deletekeys: true
ssh_keys:
  ed25519_private: |
${indented}
  ed25519_public: ${publicKey}
`);
}

async function untilReached(host: Host, {clock, signal}: TemporaryTools['run']): Promise<void> {
  const giveUpAt = clock.now() + LOGIN_TIMEOUT_MS;
  for (;;) {
    try {
      await host.run(['true'], {reads: true});
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isBooting(error) || clock.now() > giveUpAt) throw error;
    }
    await clock.sleep(LOGIN_INTERVAL_MS, signal);
  }
}

/** The user and the key are made while it boots. */
function isBooting(error: unknown): boolean {
  return (
    error instanceof HostUnreachable ||
    error instanceof ConnectionLost ||
    error instanceof AuthenticationFailed
  );
}
