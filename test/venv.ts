/** Python peers, pinned, each set installed once into a venv of its own. */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

const CACHE = join(import.meta.dirname, '../node_modules/.cache/ftask-test');
const run = promisify(execFile);

/** A set of packages, by the name of the venv they share. */
export const PEERS = {
  moto: ['moto[ec2,server]==5.2.5'],
  aws: ['awscli==1.46.2', 'boto3==1.44.2'],
  fabric: ['fabric==3.2.3'],
  custodian: ['c7n==0.9.53'],
  fleet: ['parallel-ssh==2.16.0.post1', 'ClusterShell==1.10.1', 'ansible-core==2.19.14'],
} as const;

export type Peer = keyof typeof PEERS;

/** The venv's `bin` folder. Its scripts name another folder: run modules with `python -m`. */
export function binOf(peer: Peer): string {
  return join(folderOf(peer), 'bin');
}

/** Why a peer cannot be had here; nothing when it can. Installs it if need be, once for all processes. */
export async function whyMissing(peer: Peer): Promise<string | undefined> {
  const folder = folderOf(peer);
  if (existsSync(folder)) return undefined;
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(CACHE, {recursive: true});
    await run('python3', ['-m', 'venv', making]);
    await run(join(making, 'bin/python'), ['-m', 'pip', 'install', '-q', ...PEERS[peer]]);
    await rename(making, folder);
    return undefined;
  } catch (error) {
    await rm(making, {recursive: true, force: true});
    if (existsSync(folder)) return undefined;
    return `${PEERS[peer].join(', ')} cannot be installed: ${String(error).split('\n', 1)[0]}`;
  }
}

function folderOf(peer: Peer): string {
  return join(CACHE, [peer, ...PEERS[peer].map((spec) => spec.replace(/^.*==/, ''))].join('-'));
}
