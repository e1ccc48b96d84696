/** The lab's machines as a keeper has them: in a process in namespaces of its own, which a test may kill. */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {keeperNamespaces} from '../../../../src/lab/hardware/keeper/namespaces.ts';
import {checkRequirements} from '../../../../src/lab/hardware/keeper/requirements.ts';
import type {MachineSpec} from '../../../../src/lab/hardware/machines/machine-spec.ts';
import {atEnd} from '../../../ssh/at-end.ts';
import {type Caller, callerOf} from '../remote-calls.ts';
import type {Calls} from './keeper-process.ts';

const run = promisify(execFile);

export interface Keeper {
  readonly folder: string;
  readonly pid: number;
  readonly call: Caller<Calls>;
  /** An instance to be started, with a fresh root disk and nothing else, where nothing else is given. */
  spec(given?: Partial<MachineSpec>): Promise<MachineSpec>;
  /** What a shell writes there, reached with the host key that the keeper knows; rejects when the command fails. */
  ssh(spec: MachineSpec, command: string, login?: Login): Promise<string>;
  kill(): Promise<void>;
}

export interface Login {
  readonly user?: string;
  readonly identity?: string;
}

/** Starts one; it ends with the test file. */
export async function openKeeper(): Promise<Keeper> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-machines-'));
  const identity = await makeKey(join(folder, 'key'));
  const child = await launch(folder);
  const call = await callerOf<Calls>(child);
  let count = 0;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  atEnd(async () => {
    if (child.connected) await call('close');
    await kill();
    await rm(folder, {recursive: true});
  });
  return {
    folder,
    pid: child.pid ?? 0,
    call,
    kill,
    spec: async (given = {}) => ({
      id: `i-${++count}`,
      name: 'web1',
      region: 'eu-west-1',
      type: 't3.micro',
      address: await call('nextAddress'),
      rootName: '/dev/xvda',
      authorizedKeys: [await readFile(`${identity}.pub`, 'utf8')],
      ...given,
      disks: [
        {volumeId: 'vol-00000000000000001', name: '/dev/xvda', device: await call('rootDisk')},
        ...(given.disks ?? []),
      ],
    }),
    ssh: async ({id, address}, command, login = {}) => {
      const knownHosts = join(folder, `known_hosts_${id}`);
      await writeFile(knownHosts, `${address} ${await call('hostKey', id)}\n`);
      const options = [
        'BatchMode=yes',
        'IdentitiesOnly=yes',
        `UserKnownHostsFile=${knownHosts}`,
        'ConnectTimeout=5',
      ];
      const words = [
        '-F',
        'none',
        '-n',
        '-i',
        login.identity ?? identity,
        ...options.flatMap((each) => ['-o', each]),
      ];
      const {stdout} = await run('ssh', [...words, `${login.user ?? 'admin'}@${address}`, command]);
      return stdout.trim();
    },
  };
}

/** Makes a key pair; the public key is in `<path>.pub`. */
export async function makeKey(path: string): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return path;
}

async function launch(folder: string): Promise<ChildProcess> {
  const propagation = await checkRequirements();
  const script = fileURLToPath(new URL('keeper-process.ts', import.meta.url));
  const words = [...keeperNamespaces(propagation), process.execPath, '--import', 'tsx', script, folder];
  return spawn('unshare', words, {stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
}
