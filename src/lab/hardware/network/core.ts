/** The router of a lab: a network namespace that every instance and this machine are wired to. */
import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Readable, Writable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {ENVIRONMENT, ProgramFailed, run} from '../run.ts';
import {type Lane, relayCommand} from './relay.ts';

export interface Core {
  /** A process in the namespace. */
  readonly pid: number;
  /** Changes links, addresses, routes and rules in it, one line of `ip` each, all in one go. */
  ip(lines: readonly string[]): Promise<void>;
  /** The same for what is to go and may be gone already, in whole or in part. */
  remove(lines: readonly string[]): Promise<void>;
  /** Starts what delays these lanes; their devices are there when it resolves. */
  relay(lanes: readonly Lane[]): Promise<void>;
  /** The namespace goes with all that is in it. May be called twice. */
  close(): Promise<void>;
}

// The namespace lives as long as `cat` does, and that as long as its stdin: so it goes with us, however we go.
const HOLD = `
cd /proc/sys/net
echo 1 >ipv4/ip_forward
echo 0 >ipv4/conf/all/rp_filter
echo 0 >ipv4/conf/default/rp_filter
[ ! -e ipv6 ] || echo 1 >ipv6/conf/default/disable_ipv6
cd /
echo ready
exec cat >/dev/null
`;

export async function openCore(): Promise<Core> {
  const holder = await startHeld(['unshare', '--net', 'sh', '-euc', HOLD]);
  const inside = ['nsenter', `--net=/proc/${holder.pid}/ns/net`] as const;
  const held = [holder];
  return {
    pid: holder.pid,
    ip: async (lines) => {
      await run([...inside, 'ip', '-batch', '-'], lines.join('\n'));
    },
    remove: async (lines) => {
      await run([...inside, 'ip', '-force', '-batch', '-'], lines.join('\n')).catch(() => {});
    },
    relay: async (lanes) => {
      held.push(await startHeld([...inside, ...relayCommand(lanes)]));
    },
    close: async () => {
      await Promise.all(held.map((each) => each.end()));
    },
  };
}

interface Held {
  readonly pid: number;
  end(): Promise<void>;
}

/** Starts a process that says a line when it is ready and ends with its stdin. */
async function startHeld(argv: readonly [string, ...string[]]): Promise<Held> {
  const [program, ...words] = argv;
  const child = spawn(program, words, {env: ENVIRONMENT, stdio: 'pipe'});
  child.stdin.on('error', () => {});
  const closed = new Promise((resolve) => child.once('close', resolve));
  await ready(child, argv);
  child.stdout.resume();
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

async function ready(child: ChildProcessByStdio<Writable, Readable, Readable>, argv: readonly string[]) {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new ProgramFailed(argv, error.message, error)));
    text(child.stderr).then((said) => reject(new ProgramFailed(argv, said)), reject);
  });
  await Promise.race([once(child.stdout, 'data'), failed]);
}
