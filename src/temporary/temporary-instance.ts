/** A temporary instance that can be logged in to, and by nobody but us until we let somebody in. */
import {ownAddress} from '../ec2/scratch/own-address.ts';
import type {Scratch, ScratchInstance} from '../ec2/scratch/scratch.ts';
import {addressOf} from '../ec2/tagged-hosts.ts';
import {FtaskError} from '../errors.ts';
import {sh} from '../host/command.ts';
import {AuthenticationFailed, ConnectionLost, HostUnreachable} from '../host/failures.ts';
import type {Host} from '../host/host.ts';
import {Secret} from '../secret.ts';
import type {ReachedHost, TemporaryTools} from './temporary-tools.ts';

export interface TemporaryInstance extends ReachedHost, ScratchInstance {
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
}

/** A program that an image may lack, and the package that brings it. */
export interface Program {
  readonly name: string;
  readonly package: string;
}

/** Booting, and cloud-init after it. */
const LOGIN_TIMEOUT_MS = 5 * 60_000;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const INTERVAL_MS = 2000;

/**
 * Starts it and waits until it lets us in and has the programs. It is known by a host key that we have made, from the
 * first connection on. @throws FtaskError `NoProgram` when its first boot has ended without one of them
 */
export async function startTemporaryInstance(
  tools: TemporaryTools,
  scratch: Scratch,
  say: (text: string) => void,
  programs: readonly Program[] = [],
): Promise<TemporaryInstance> {
  const {ec2, run, temporary} = tools;
  const {user, type, image, subnet} = temporary;
  const [login, hostKey] = [tools.keyPair(`ftask ${run.runId}`), tools.keyPair(`ftask host ${run.runId}`)];
  const openTo = temporary.openTo.length > 0 ? temporary.openTo : [await ownAddress(ec2, run.signal)];
  const instance = await scratch.instance({
    publicKey: login.publicKey,
    userData: cloudConfig(hostKey, programs),
    type,
    openTo,
    ...(image !== undefined && {image}),
    ...(subnet !== undefined && {subnet}),
  });
  const {id} = instance;
  const address = addressOf({...instance, region: scratch.region}, 'auto');
  const access = {name: id, address, user, privateKey: login.privateKey, hostKey: hostKey.publicKey};
  const host = tools.temporaryHost(access);
  say(`waiting for ${id} to let us in`);
  await untilReached(host, run);
  if (programs.length > 0) {
    say(`waiting for ${id} to install ${programs.map((program) => program.package).join(', ')}`);
    await untilInstalled(host, programs, run);
  }
  return {...instance, host, login: `${user}@${address}`, hostKey: hostKey.publicKey};
}

/** Lets the owner of a public key in. */
export async function authorise(host: Host, publicKey: string): Promise<void> {
  await host.run(sh`umask 077 && mkdir -p .ssh && cat >> .ssh/authorized_keys`, {
    stdin: `\n${publicKey.trim()}\n`,
    shownAs: 'add a key to authorized_keys',
  });
}

interface HostKey {
  readonly privateKey: Secret;
  readonly publicKey: string;
}

/** The host key of the instance itself, and what it installs: https://cloudinit.readthedocs.io/en/latest/reference/modules.html */
function cloudConfig({privateKey, publicKey}: HostKey, programs: readonly Program[]): Secret {
  const indented = privateKey.reveal().trim().replaceAll(/^/gm, '    ');
  return new Secret(`#cloud-config
ssh_deletekeys: true
ssh_keys:
  ed25519_private: |
${indented}
  ed25519_public: ${publicKey}
${packageConfig(programs)}`);
}

function packageConfig(programs: readonly Program[]): string {
  if (programs.length === 0) return '';
  return `package_update: true\npackages: ${JSON.stringify(programs.map((program) => program.package))}\n`;
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
    await clock.sleep(INTERVAL_MS, signal);
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

/** cloud-init writes this file when it has done all that it was told, whatever came of it. */
const BOOT_FINISHED = '/var/lib/cloud/instance/boot-finished';

async function untilInstalled(
  host: Host,
  programs: readonly Program[],
  {clock, signal}: TemporaryTools['run'],
): Promise<void> {
  const giveUpAt = clock.now() + INSTALL_TIMEOUT_MS;
  const isBooted = async () =>
    (await host.run(['test', '-e', BOOT_FINISHED], {accept: [0, 1], reads: true})).code === 0;
  while (!(await isBooted()) && clock.now() < giveUpAt) await clock.sleep(INTERVAL_MS, signal);
  const names = programs.map(({name}) => name);
  const look = sh`PATH=$PATH:/usr/sbin:/sbin; for name in ${names}; do command -v "$name" >/dev/null || echo "$name"; done`;
  const [missing] = (await host.run(look, {reads: true})).stdout.split('\n');
  if (!missing) return;
  throw new FtaskError('NoProgram', `${host.name} has no ${missing}, and cloud-init could not install it`, {
    hint: 'Can its subnet reach a mirror of packages? temporary.image of the configuration names an image that has it.',
  });
}
