/** An instance of a lab as its machine sees it, without its sshd and its link; and how to take those away. */
import {execFile} from 'node:child_process';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import type {UpLab} from '../../../lab/hardware/lab-up.ts';

const run = promisify(execFile);

export interface Outside {
  /** A file of the instance, under the machine's name. */
  file(path: string): string;
  /** What runs there, other than its init, its sshd and what `startPulse` started. */
  guests(): readonly string[];
  /** Ends every process of sshd with SIGKILL; the init starts another. */
  killSshd(): void;
  /** Takes the router's end of its wire down, or up again. */
  link(state: 'down' | 'up'): Promise<void>;
}

/** Looks for an instance by its name and address. */
export async function outsideOf(lab: UpLab, name: string, address: string): Promise<Outside> {
  const namespace = (await lab.ssh(name, 'readlink /proc/self/ns/pid')).trim();
  const own = () => processes().filter((process) => process.namespace === namespace);
  const all = own();
  const init = all.find(({parent}) => !all.some(({pid}) => pid === parent));
  const router = await routerOf(lab);
  const device = `host${address.split('.').at(-1)}`;
  const lines = {
    down: [`link set ${device} down`],
    up: [`link set ${device} up`, `route replace ${address} dev ${device}`],
  };
  return {
    file: (path) => join(`/proc/${init?.pid}/root`, path),
    guests: () =>
      own()
        .map(({words}) => words.join(' ').replaceAll(/\s+/g, ' '))
        .filter(
          (words) =>
            !/^(\/bin\/bash \/run\/boot\/init|sshd|\/usr\/sbin\/sshd|sleep 0\.1$|bash -c .*beat\(\))/.test(
              words,
            ),
        ),
    killSshd: () => {
      for (const {pid, words} of own()) if (/^(\/usr\/sbin\/)?sshd/.test(words[0] ?? '')) kill(pid);
    },
    link: async (state) => {
      const ip = run('nsenter', [`--net=/proc/${router}/ns/net`, 'ip', '-batch', '-']);
      ip.child.stdin?.end(lines[state].join('\n'));
      await ip;
    },
  };
}

/** The process that holds the network namespace which all instances are wired to: a child of the lab's keeper. */
async function routerOf(lab: UpLab): Promise<number> {
  const {pid} = JSON.parse(await readFile(join(lab.folder, '.ftask/lab/lock.json'), 'utf8'));
  const all = processes();
  const keeper = all.find(({parent}) => parent === pid);
  const router = all.find(({parent, words}) => parent === keeper?.pid && words[0] === 'cat');
  if (!router) throw new Error('the lab has no router');
  return router.pid;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
  /** Of process ids. */
  readonly namespace: string;
}

/** Without those that have ended and wait to be reaped. */
function processes(): Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1);
      if (words.length === 0) return [];
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{pid: Number(entry), parent, words, namespace: readlinkSync(`/proc/${entry}/ns/pid`)}];
    } catch {
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended when another of them did.
  }
}
