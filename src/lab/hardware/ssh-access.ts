/** The way in for ssh: a key, and files that know every running instance by its name, id and address. */
import {existsSync, mkdirSync} from 'node:fs';
import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Instance} from '../state/entities.ts';
import type {World} from '../world.ts';
import type {Machines} from './machines/machines.ts';
import {sshConfigOf} from './places.ts';
import {run} from './run.ts';

/** The user of Debian's images, who may do everything with sudo. */
export const USER = 'admin';

export interface SshAccess {
  /** Opens every instance that the lab begins with. */
  readonly publicKey: string;
  /** Writes anew who runs, and by which host key it is known. */
  update(): Promise<void>;
  /** The lab is down: its addresses are nobody's. The key stays. */
  close(): Promise<void>;
}

/** Makes the key unless there is one. */
export async function openSshAccess(stateDir: string, world: World, machines: Machines): Promise<SshAccess> {
  const folder = join(stateDir, 'ssh');
  const config = sshConfigOf(stateDir);
  const knownHosts = join(folder, 'known_hosts');
  const identity = join(folder, 'id_ed25519');
  mkdirSync(folder, {recursive: true, mode: 0o700});
  if (!existsSync(identity))
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', identity]);
  return {
    publicKey: (await readFile(`${identity}.pub`, 'utf8')).trim(),
    update: async () => {
      const hosts = await hostsOf(world, machines);
      await replace(knownHosts, hosts.map(({names, hostKey}) => `${names.join(',')} ${hostKey}\n`).join(''));
      await replace(config, [...hosts.map(hostEntry), common(identity, knownHosts)].join('\n'));
    },
    close: async () => {
      await rm(config, {force: true});
      await rm(knownHosts, {force: true});
    },
  };
}

interface Host {
  /** The address, the id, and the name if no other instance has it. */
  readonly names: readonly string[];
  readonly address: string;
  readonly hostKey: string;
}

async function hostsOf({fleet, store}: World, machines: Machines): Promise<Host[]> {
  const running = Object.keys(fleet.regions)
    .flatMap((region) => [...store.all('instance', region)])
    .filter(({id}) => machines.isRunning(id));
  const count = new Map<string, number>();
  for (const instance of running) count.set(nameOf(instance), (count.get(nameOf(instance)) ?? 0) + 1);
  return Promise.all(
    running.map(async (instance) => {
      const {id, privateIp: address} = instance;
      const name = nameOf(instance);
      const isPlain = /^[\w.-]+$/.test(name) && count.get(name) === 1;
      return {names: [...(isPlain ? [name] : []), id, address], address, hostKey: await machines.hostKey(id)};
    }),
  );
}

function nameOf({id, tags}: Instance): string {
  return tags['Name'] ?? id;
}

function hostEntry({names, address}: Host): string {
  return `Host ${names.join(' ')}\n  HostName ${address}\n`;
}

function common(identity: string, knownHosts: string): string {
  return [
    'Host *',
    `  User ${USER}`,
    `  IdentityFile "${escaped(identity)}"`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile "${escaped(knownHosts)}"`,
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');
}

/** `%` begins a token in both. */
function escaped(path: string): string {
  return path.replaceAll('%', '%%');
}

/** A reader sees the old file or the new one. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, {mode: 0o600});
  await rename(`${path}.new`, path);
}
