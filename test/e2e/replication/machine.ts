/** An instance of a lab with hardware as its machine sees it: its files, its processes and its wire. */
import {execFile} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {UpLab} from '../../lab/hardware/lab-up.ts';

const run = promisify(execFile);

export interface Machine {
  readonly id: string;
  readonly address: string;
  /** A file of the instance, under this machine's name. */
  file(path: string): string;
  /** Where filesystems of disks are mounted, other than that of the system itself. */
  mounts(): readonly string[];
  /** Whether rsync copies something there. */
  hasRsync(): boolean;
  /** Ends all that rsync does there with SIGKILL; how many processes there were. */
  killRsync(): number;
  /** Stops all that rsync does there where it is; returns what lets it go on. */
  holdRsync(): () => void;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

/** One that runs, or undefined. Labs of the same seed have instances of the same ids: only those of this lab are looked at. */
export function machineOf(lab: UpLab, id: string, address: string): Machine | undefined {
  const init = below(keeperOf(lab)).find(
    ({pid, words}) => words[1] === '/run/boot/init' && instanceOf(pid) === id,
  );
  if (!init) return undefined;
  // One that is asked for its version alone has fewer words.
  const rsyncs = () =>
    below(init.pid).filter(({words}) => /(^|\/)rsync$/.test(words[0] ?? '') && words.length > 3);
  return {
    id,
    address,
    file: (path) => join(`/proc/${init.pid}/root`, path),
    mounts: () => mountsOf(init.pid),
    hasRsync: () => rsyncs().length > 0,
    killRsync: () => {
      const killed = rsyncs();
      for (const {pid} of killed) send('SIGKILL', pid);
      return killed.length;
    },
    holdRsync: () => {
      const held = rsyncs();
      for (const {pid} of held) send('SIGSTOP', pid);
      return () => {
        for (const {pid} of held) send('SIGCONT', pid);
      };
    },
  };
}

function mountsOf(pid: number): string[] {
  try {
    const lines = readFileSync(`/proc/${pid}/mounts`, 'utf8').split('\n');
    return lines
      .map((line) => line.split(' '))
      .filter(([device = '', place = '']) => device.startsWith('/dev/') && !/^\/(usr|dev)?$/.test(place))
      .map(([, place = '']) => place);
  } catch {
    return [];
  }
}

/** One by its name. @throws Error */
export async function machineNamed(lab: UpLab, name: string): Promise<Machine> {
  const {instances} = (await (await fetch(`${lab.url}/_lab/state`)).json()) as {
    instances: {id: string; name: string; address: string}[];
  };
  const found = instances.find((each) => each.name === name);
  const machine = found && machineOf(lab, found.id, found.address);
  if (!machine) throw new Error(`${name} does not run`);
  return machine;
}

/** Cuts an instance off from all others and us, or from some addresses alone; returns what joins it again. */
export async function cutOff(
  lab: UpLab,
  {address}: Machine,
  from: 'all' | readonly string[],
): Promise<() => Promise<void>> {
  const keeper = keeperOf(lab);
  // It holds the network namespace which all instances are wired to.
  const router = below(keeper).find(({parent, words}) => parent !== keeper && words[0] === 'cat');
  const ip = async (verb: 'add' | 'delete') => {
    const lines = (from === 'all' ? ['0.0.0.0/0'] : from).flatMap((other) => [
      `rule ${verb} from ${address} to ${other} blackhole pref 5`,
      `rule ${verb} from ${other} to ${address} blackhole pref 5`,
    ]);
    const working = run('nsenter', [`--net=/proc/${router?.pid}/ns/net`, 'ip', '-batch', '-']);
    working.child.stdin?.end(lines.join('\n'));
    await working;
  };
  await ip('add');
  return () => ip('delete');
}

/** The process of the lab, which all of its instances descend from. */
function keeperOf(lab: UpLab): number {
  return JSON.parse(readFileSync(join(lab.folder, '.ftask/lab/lock.json'), 'utf8')).pid;
}

function instanceOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/root/var/lib/cloud/data/instance-id`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** A process and all that descend from it. What it left behind is a child of its init. */
function below(top: number): Process[] {
  const all = processes();
  const found = all.filter(({pid}) => pid === top);
  for (const {pid} of found) found.push(...all.filter(({parent}) => parent === pid));
  return found;
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1);
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return words.length === 0 ? [] : [{pid: Number(entry), parent, words}];
    } catch {
      return [];
    }
  });
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended when another of them did.
  }
}
